import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verify, WebhookVerificationError } from "@humandispatch/sdk";
import { describe, expect, test } from "vitest";
import { connect } from "./world.js";

interface Vector {
  name: string;
  secrets: string[];
  headers: Record<string, string>;
  body: string;
  now: number;
  valid: boolean;
  reason?: string;
}
const { vectors } = JSON.parse(readFileSync(new URL("../../../dispatch/webhook/testdata/vectors.json", import.meta.url), "utf8")) as { vectors: Vector[] };

describe("decides as every SDK does", () => {
  test.each(vectors)("$name", async ({ secrets, headers, body, now, valid, reason }) => {
    const verdict = await verify(body, headers, { secret: secrets, now }).catch((error: unknown) => error);
    if (valid) {
      expect(verdict).toBeUndefined();
    } else {
      expect(verdict).toBeInstanceOf(WebhookVerificationError);
      expect((verdict as WebhookVerificationError).reason).toBe(reason);
    }
  });

  test("headers and bodies in any form", async () => {
    const { secrets, headers, body, now } = vectors[0]!;
    const [secret] = secrets;
    const bytes = new TextEncoder().encode(body);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    const hd = connect({ webhookSecret: secret! });
    for (const form of [headers, upper, new Headers(headers)]) {
      for (const raw of [body, bytes, bytes.buffer]) {
        expect(await hd.webhooks.unwrap(raw, form, { now })).toEqual(JSON.parse(body));
      }
    }
  });
});

test("an endpoint receives what it can unwrap, and its life", async () => {
  const hd = connect();
  let received: (value: { headers: NodeJS.Dict<string | string[]>; body: Buffer }) => void;
  const arrived = new Promise<Parameters<typeof received>[0]>((resolve) => (received = resolve));
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      res.end();
      received({ headers: req.headers, body: Buffer.concat(chunks) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const endpoint = await hd.webhooks.create({ url, types: ["webhook.test"] });
    expect(endpoint.secret).toMatch(/^whsec_/);
    const tested = await hd.webhooks.test(endpoint.id);

    const { headers, body } = await arrived;
    const event = await hd.webhooks.unwrap(body, headers, { secret: endpoint.secret });
    expect(event).toMatchObject({ id: tested.event.id, type: "webhook.test" });
    await expect(hd.webhooks.unwrap(`${body}\n`, headers, { secret: endpoint.secret })).rejects.toBeInstanceOf(WebhookVerificationError);

    expect((await hd.webhooks.update(endpoint.id, { description: "mine" })).description).toBe("mine");
    expect((await hd.webhooks.rotateSecret(endpoint.id)).secret).not.toBe(endpoint.secret);
    expect((await hd.webhooks.listDeliveries(endpoint.id)).data.map((d) => d.event_id)).toEqual([event.id]);
    expect((await hd.webhooks.replay(endpoint.id, { delivery_id: tested.delivery.id }, { dry_run: true })).count).toBe(1);
    const all = [];
    for await (const one of hd.webhooks.list({ limit: 1 })) all.push(one.id);
    expect(all).toContain(endpoint.id);
    await hd.webhooks.delete(endpoint.id);
    await expect(hd.webhooks.get(endpoint.id)).rejects.toMatchObject({ status: 404 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
