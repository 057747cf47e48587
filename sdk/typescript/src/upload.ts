// Two ways to see an upload progress: fetch itself reports nothing.

const slice = 64 * 1024;

/** The blob as a stream that reports what was taken from it. For servers; browsers refuse streams over HTTP/1.1. */
export function counted(blob: Blob, onProgress: (sent: number, total: number) => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    start: () => onProgress(0, blob.size),
    async pull(controller) {
      if (sent === blob.size) return controller.close();
      const part = new Uint8Array(await blob.slice(sent, sent + slice).arrayBuffer());
      sent += part.byteLength;
      controller.enqueue(part);
      onProgress(sent, blob.size);
    },
  });
}

/** As much of fetch as an upload needs, over XMLHttpRequest. For browsers. */
export function xhrFetch(onProgress: (sent: number, total: number) => void): typeof fetch {
  return (url, init) =>
    new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(init?.method ?? "PUT", String(url));
      for (const [name, value] of Object.entries((init?.headers ?? {}) as Record<string, string>)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = (event) => onProgress(event.loaded, event.total);
      xhr.onload = () => resolve(new Response(xhr.status === 204 ? null : xhr.responseText, { status: xhr.status, headers: headersOf(xhr) }));
      xhr.onerror = () => reject(new TypeError("the connection failed"));
      xhr.onabort = () => reject(new TypeError("aborted"));
      init?.signal?.addEventListener("abort", () => xhr.abort(), { once: true });
      xhr.send(init?.body as XMLHttpRequestBodyInit);
    });
}

function headersOf(xhr: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of xhr.getAllResponseHeaders().trim().split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
