import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What a proxy does with a request: pass it on, lose the answer, refuse it, or never answer. */
export type Verdict = "pass" | "lose" | "hang" | { status: number; headers?: Record<string, string>; body?: string };

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
}

/** A proxy in front of a server. `decide` is asked about each request; n counts from 0. */
export async function proxy(target: string, decide: (n: number, seen: Seen) => Verdict, rewrite: (headers: IncomingMessage["headers"]) => void = () => {}) {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    const one = { method: req.method!, path: req.url!, headers: { ...req.headers } };
    const verdict = decide(seen.push(one) - 1, one);
    if (verdict === "hang") return;
    if (typeof verdict === "object") {
      req.resume();
      res.writeHead(verdict.status, verdict.headers).end(verdict.body ?? "");
      return;
    }
    const headers = { ...req.headers };
    rewrite(headers);
    const out = request(`${target}${req.url}`, { method: req.method!, headers }, (answer) => {
      if (verdict === "pass") {
        res.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(res);
        return;
      }
      answer.resume().on("end", () => req.socket.destroy()); // it was done, and nobody hears of it
    });
    out.on("error", () => req.socket.destroy());
    req.pipe(out);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
