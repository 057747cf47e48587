/** The TypeScript of a parsed OpenAPI document. */
export function generate(document: unknown): Promise<string>;
