import { createHash, randomBytes } from "node:crypto";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { connect } from "./world.js";

const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
afterEach(() => vi.unstubAllGlobals());

test("what is uploaded is what arrives, with its progress", async () => {
  const hd = connect();
  const content = new Uint8Array(randomBytes(3_000_000));
  const progress: [number, number][] = [];
  const { file_id } = await hd.files.upload(content, { filename: "a.wav", content_type: "audio/wav" }, { onProgress: (sent, total) => progress.push([sent, total]) });
  expect(await hd.files.get(file_id)).toMatchObject({ status: "uploaded", sha256: sha256(content), bytes: content.length, name: "a.wav" });
  expect(progress.length).toBeGreaterThan(10);
  expect(progress[0]).toEqual([0, content.length]);
  expect(progress.at(-1)).toEqual([content.length, content.length]);
  expect(progress.map(([sent]) => sent)).toEqual(progress.map(([sent]) => sent).sort((a, b) => a - b));
});

test("a File knows its name and type", async () => {
  const { file_id } = await connect().files.upload(new File(["hello"], "notes.pdf", { type: "application/pdf" }));
  expect(await connect().files.get(file_id)).toMatchObject({ name: "notes.pdf", content_type: "application/pdf", bytes: 5 });
});

test("an upload that is watched says its length, which S3 asks for", async () => {
  const heads: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((req, res) => {
    heads.push(req.headers);
    req.resume().on("end", () => res.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const upload_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const hd = connect({ fetch: async (url, init) => (String(url).endsWith("/presign") ? Response.json({ file_id: "file_1", method: "PUT", upload_url, headers: {} }) : fetch(url, init)) });
  const file = { filename: "a", content_type: "audio/wav" };
  await hd.files.upload(new Uint8Array(100_000), file);
  await hd.files.upload(new Uint8Array(100_000), file, { onProgress: () => {} });
  server.closeAllConnections();
  server.close();
  expect(heads.map((h) => [h["content-length"], h["transfer-encoding"]])).toEqual([["100000", undefined], ["100000", undefined]]);
});

test("a second PUT that S3 refuses is fine when the content is there, and an error when it is not", async () => {
  const content = new Uint8Array(randomBytes(1000));
  for (const there of [true, false]) {
    const hd = connect({
      fetch: async (url, init) => {
        if (String(url).endsWith("/presign")) return Response.json({ file_id: "file_1", method: "PUT", upload_url: "http://s3.example/x", headers: {} });
        if (init?.method === "PUT") return new Response("<Code>PreconditionFailed</Code>", { status: 412 });
        return Response.json({ sha256: there ? sha256(content) : sha256(content.slice(1)) });
      },
    });
    const upload = hd.files.upload(content, { filename: "a", content_type: "audio/wav" });
    if (there) expect(await upload).toEqual({ file_id: "file_1" });
    else await expect(upload).rejects.toMatchObject({ status: 412 });
  }
});

test("in a browser the progress is that of XMLHttpRequest", async () => {
  vi.stubGlobal("XMLHttpRequest", BrowserRequest);
  const hd = connect();
  const content = new Uint8Array(randomBytes(100_000));
  const progress: number[] = [];
  const { file_id } = await hd.files.upload(content, { filename: "a.wav", content_type: "audio/wav" }, { onProgress: (sent) => progress.push(sent) });
  expect(await hd.files.get(file_id)).toMatchObject({ sha256: sha256(content) });
  expect(progress).toEqual([50_000, 100_000]);

  const stop = new AbortController();
  const aborted = hd.files.upload(content, { filename: "a.wav", content_type: "audio/wav" }, { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) });
  await expect(aborted).rejects.toThrow("enough");
});

/** As much of a browser's XMLHttpRequest as an upload uses, over a real connection. */
class BrowserRequest {
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  status = 0;
  responseText = "";
  private out?: ReturnType<typeof request>;
  open(method: string, url: string) {
    this.out = request(url, { method }, (answer) => {
      this.status = answer.statusCode!;
      answer.on("data", (chunk) => (this.responseText += chunk)).on("end", () => this.onload?.());
    }).on("error", () => this.onerror?.());
  }
  setRequestHeader(name: string, value: string) {
    this.out!.setHeader(name, value);
  }
  getAllResponseHeaders() {
    return "content-type: application/json\r\n";
  }
  abort() {
    this.onerror = () => {};
    this.out!.destroy();
    this.onabort?.();
  }
  async send(body: Blob) {
    const bytes = new Uint8Array(await body.arrayBuffer());
    const half = bytes.length / 2;
    this.out!.setHeader("Content-Length", bytes.length);
    for (const at of [0, half]) {
      if (this.out!.destroyed) return;
      this.out!.write(bytes.subarray(at, at + half));
      this.upload.onprogress?.({ loaded: at + half, total: bytes.length });
    }
    this.out!.end();
  }
}
