export { type ClientOptions, HumanDispatch } from "./client.js";
export * from "./errors.js";
export { Listing } from "./listing.js";
export type { AnswerOf, BodyOf, Input, OperationName, QueryOf } from "./operations.js";
export type { UploadOptions } from "./resources/files.js";
export type { RequestOptions } from "./transport.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
export { type HeadersLike, type RawBody, unwrap, type UnwrapOptions, verify } from "./webhook.js";
