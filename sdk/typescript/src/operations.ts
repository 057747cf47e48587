// What the OpenAPI document says of each operation, by its name.
import type { paths } from "./openapi.js";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Every operation of the API, such as `"GET /v1/tasks/{id}"`. */
export type OperationName = {
  [P in keyof paths & string]: {
    [M in Method]: paths[P][M] extends { responses: unknown } ? `${Uppercase<M>} ${P}` : never;
  }[Method];
}[keyof paths & string];

type OperationOf<N extends string> = N extends `${infer M} ${infer P}`
  ? P extends keyof paths
    ? Lowercase<M> extends keyof paths[P]
      ? paths[P][Lowercase<M>]
      : never
    : never
  : never;

type ParametersOf<N extends string, Where extends string> =
  OperationOf<N> extends { parameters: infer P } ? (Where extends keyof P ? NonNullable<P[Where]> : never) : never;

/** The query of an operation. */
export type QueryOf<N extends OperationName> = ParametersOf<N, "query">;

/** The body an operation takes. */
export type BodyOf<N extends OperationName> =
  OperationOf<N> extends { requestBody?: infer B }
    ? NonNullable<B> extends { content: { "application/json": infer J } }
      ? J
      : never
    : never;

/** What an operation answers when it succeeds. */
export type AnswerOf<N extends OperationName> =
  OperationOf<N> extends { responses: infer R }
    ? { [S in keyof R]: R[S] extends { content: { "application/json": infer J } } ? J : void }[keyof R]
    : never;

/** What a call of an operation is given. */
export interface Input<N extends OperationName> {
  path?: ParametersOf<N, "path">;
  query?: QueryOf<N>;
  body?: BodyOf<N>;
}
