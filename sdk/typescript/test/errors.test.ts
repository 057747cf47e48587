import {
  APIError,
  EscrowRequiredError,
  HumanDispatch,
  HumanDispatchError,
  InsufficientFundsError,
  InternalError,
  InvalidStateError,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  PolicyBlockedError,
  SchemaValidationError,
  ScopeDeniedError,
  UnauthenticatedError,
  UnavailableError,
  UnsupportedMediaTypeError,
} from "@humandispatch/sdk";
import { expect, inject, test } from "vitest";
import { connect, opened, podcast, quoted, talent } from "./world.js";

const failure = async (work: Promise<unknown>) => {
  const error = await work.then(() => undefined, (e: unknown) => e);
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
};

test("an invalid task says where, what was found, what was expected and how to fix it", async () => {
  const error = await failure(connect().tasks.create({ ...podcast(), task_spec: { speakers: 0, minutes: 0.1 } }));
  expect(error).toBeInstanceOf(SchemaValidationError);
  expect(error).toMatchObject({ status: 400, code: "SCHEMA_VALIDATION_FAILED", name: "SchemaValidationError" });
  expect(error.requestId).toMatch(/^req_/);
  expect(error.problems).toHaveLength(1);
  const [problem] = error.problems;
  expect(problem!.path).toContain("task_spec.speakers");
  expect(error.message).toContain(problem!.fix);
  expect(error.message).toContain(error.requestId);
});

test("a forbidden task says by which rule", async () => {
  const error = await failure(connect().tasks.create({ ...podcast(), brief: "Follow this woman home without her knowing and record where she lives." }));
  expect(error).toBeInstanceOf(PolicyBlockedError);
  expect(JSON.stringify(error.details)).toContain("surveillance");
});

test("what a live server refuses has the class of its code", async () => {
  const hd = connect();
  expect(await failure(hd.as("sk_test_no_such_key").money.balance())).toBeInstanceOf(UnauthenticatedError);
  expect(await failure(hd.tasks.get("task_01JAAAAAAAAAAAAAAAAAAAAAAA"))).toBeInstanceOf(NotFoundError);
  expect(await failure((await talent(hd)).client.money.balance())).toBeInstanceOf(ScopeDeniedError);
  const { quote } = await quoted(hd);
  expect(await failure(hd.bookings.create({ quote_id: quote.id }))).toBeInstanceOf(InvalidStateError);
});

test("a hold larger than the balance says both", async () => {
  const hd = connect();
  const task = await opened(hd, { ...podcast(), budget: { currency: "JPY", pricing_model: "fixed", max_total: 5000 } });
  const person = await talent(hd);
  const { quote_requests } = await hd.quotes.request(task.id, { talent_ids: [person.id] });
  const quote = await person.client.quoteRequests.quote(quote_requests[0]!.id, { amount: 5000 });
  await hd.quotes.accept(quote.id);
  const error = await failure(hd.bookings.create({ quote_id: quote.id }));
  expect(error).toBeInstanceOf(InsufficientFundsError);
  expect(error.details).toMatchObject({ available: 0, required: 5000 });
});

test.each([
  ["ESCROW_REQUIRED", EscrowRequiredError],
  ["METHOD_NOT_ALLOWED", MethodNotAllowedError],
  ["PAYLOAD_TOO_LARGE", PayloadTooLargeError],
  ["UNSUPPORTED_MEDIA_TYPE", UnsupportedMediaTypeError],
  ["INTERNAL", InternalError],
  ["UNAVAILABLE", UnavailableError],
  ["SOMETHING_NEW", APIError],
])("%s has its class", async (code, type) => {
  const body = JSON.stringify({ error: { http_status: 418, code, message: "No", details: { errors: ["only words"] }, request_id: "req_1" } });
  const hd = connect({ fetch: async () => new Response(body, { status: 418 }) });
  const error = await failure(hd.money.balance());
  expect(error.constructor).toBe(type);
  expect(error).toMatchObject({ code, status: 418, requestId: "req_1", problems: [] });
});

test("wrong use is said before anything is sent", async () => {
  expect(() => new HumanDispatch({ baseUrl: "example.com" })).toThrow(HumanDispatchError);
  const hd = connect({ fetch: () => Promise.reject(new Error("sent")) });
  await expect(hd.tasks.get("")).rejects.toThrow("id: found an empty string, expected an id");
  await expect(hd.files.upload(new Uint8Array(1))).rejects.toThrow("filename is missing");
});

test("a server that is not there is a connection error that says why, without the key", async () => {
  const error = (await connect({ baseUrl: "http://127.0.0.1:9" }).money.balance().catch((e: unknown) => e)) as Error;
  expect(error.message).toContain("GET /v1/balance");
  expect(error.message).not.toContain(inject("apiKey"));
});

test("ids are escaped in paths", async () => {
  let url = "";
  const hd = connect({ fetch: async (input) => ((url = String(input)), new Response("{}")) });
  await hd.tasks.get("../balance?x=é");
  expect(new URL(url).pathname).toBe("/v1/tasks/..%2Fbalance%3Fx%3D%C3%A9");
});
