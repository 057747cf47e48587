import { APIError, HumanDispatchError } from "../errors.js";
import type { Outgoing, RequestOptions, Transport } from "../transport.js";
import type { NewFile, PresignedFile, StoredFile } from "../types.js";
import { counted, xhrFetch } from "../upload.js";

export interface UploadOptions extends RequestOptions {
  /** Called as bytes leave; starts again from 0 when a try failed. */
  onProgress?: (sent: number, total: number) => void;
}

/** What talent submits. */
export class Files {
  constructor(private readonly transport: Transport) {}

  /** A URL for one PUT of exactly this content type and at most this many bytes. */
  presign(file: NewFile, options?: RequestOptions): Promise<PresignedFile> {
    return this.transport.call("POST /v1/files/presign", { body: file }, options);
  }

  /** A file, with a URL to download it. */
  get(id: string, options?: RequestOptions): Promise<StoredFile> {
    return this.transport.call("GET /v1/files/{id}", { path: { id } }, options);
  }

  /**
   * Announces a file and sends its content, as often as it takes. A `File` knows
   * its name and type; other content needs them beside it. Send the original:
   * software that re-encodes strips the location that QA reads.
   *
   * @returns the id to submit it under.
   */
  async upload(content: Blob | ArrayBuffer | Uint8Array, file: Partial<Omit<NewFile, "bytes">> = {}, options: UploadOptions = {}): Promise<{ file_id: string }> {
    const blob = content instanceof Blob ? content : new Blob([content as BlobPart]);
    const announced = {
      ...file,
      filename: required("filename", file.filename ?? (blob as Partial<File>).name),
      content_type: required("content_type", file.content_type ?? blob.type),
      bytes: blob.size,
    };
    const { onProgress, timeout, ...rest } = options;
    const put = await this.presign(announced, rest);

    const { settings } = this.transport;
    const outgoing: Outgoing = {
      method: put.method,
      url: put.upload_url,
      label: `upload of ${announced.filename}`,
      headers: { ...put.headers }, // and no key: the URL is the permission
      body: () => blob,
      // A minute, and as long as a slow line of 100 KB/s takes.
      timeout: timeout ?? 60_000 + blob.size / 100,
      maxRetries: rest.maxRetries ?? settings.maxRetries,
      signal: rest.signal,
    };
    if (onProgress) {
      if (typeof XMLHttpRequest === "undefined") {
        // A stream has no length of its own, and S3 refuses what has none.
        outgoing.headers["Content-Length"] = String(blob.size);
        outgoing.body = () => counted(blob, onProgress);
      } else {
        outgoing.fetch = xhrFetch(onProgress);
      }
    }
    try {
      await this.transport.send(outgoing);
    } catch (error) {
      // S3 says so to a second PUT: an earlier try may have arrived without its answer arriving here.
      if (!(error instanceof APIError && error.status === 412 && (await this.holds(put.file_id, blob, rest)))) throw error;
    }
    return { file_id: put.file_id };
  }

  /** Whether the file has this content already. */
  private async holds(id: string, blob: Blob, options: RequestOptions): Promise<boolean> {
    const { sha256 } = await this.get(id, options);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    return sha256 === Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

function required(name: string, value: string | undefined): string {
  if (!value) throw new HumanDispatchError(`files.upload: ${name} is missing: the content does not say it, so pass it in the second argument`);
  return value;
}
