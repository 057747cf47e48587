// Turns an OpenAPI document into the TypeScript of src/openapi.ts.
import openapiTS, { astToString } from "openapi-typescript";

const header = `// Generated from the OpenAPI document by \`npm run generate\`. Do not edit.

`;

/**
 * What the SDK does itself is left out: headers (it sends and reads them) and
 * errors (they are thrown, all of one shape). So are examples, which would be
 * four fifths of the file.
 */
function prune(document) {
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) {
      operation.parameters = (operation.parameters ?? []).filter((p) => p.in !== "header");
      for (const media of Object.values(operation.requestBody?.content ?? {})) dropExamples(media);
      for (const [status, response] of Object.entries(operation.responses)) {
        if (!status.startsWith("2")) {
          delete operation.responses[status];
          continue;
        }
        delete response.headers;
        if (status === "204") delete response.content;
        for (const media of Object.values(response.content ?? {})) dropExamples(media);
      }
    }
  }
  return document;
}

function dropExamples(media) {
  delete media.example;
  delete media.examples;
}

/** The TypeScript of a parsed OpenAPI document. */
export async function generate(document) {
  const nodes = await openapiTS(prune(structuredClone(document)), {
    defaultNonNullable: false, // what has a default may be left out of a request
    alphabetize: true,
  });
  return header + astToString(nodes);
}
