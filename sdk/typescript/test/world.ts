// What tests share: clients of the running server, talent, a task, and its way to a work order.
import { randomUUID } from "node:crypto";
import { type ClientOptions, HumanDispatch, type NewTask, type Submission } from "@humandispatch/sdk";
import { inject } from "vitest";
import { speech } from "./wav.js";

/** A client of the running server. Its retries do not keep tests waiting. */
export function connect(options: ClientOptions = {}): HumanDispatch {
  return new HumanDispatch({ apiKey: inject("apiKey"), baseUrl: inject("baseUrl"), retryDelay: 1, ...options });
}

export const place = { lat: 43.6544, lng: -79.3807 };

/** Two people recorded at a place, for six seconds. */
export function podcast(): NewTask {
  return {
    task_type: "PODCAST_ON_SITE_CAPTURE",
    title: `Record a conversation ${randomUUID()}`,
    location: { mode: "onsite", address: "290 Yonge St, Toronto, ON", ...place },
    schedule: { start_at: new Date().toISOString(), duration_hours: 4 },
    budget: { currency: "CAD", pricing_model: "fixed", max_total: 300 },
    deliverables: [{ kind: "audio", count: 3, format: "wav" }],
    task_spec: { speakers: 2, minutes: 0.1 },
  };
}

/** Talent near the place, with a client of their own. */
export async function talent(hd: HumanDispatch) {
  const registered = await hd.talent.register({
    name: "Ada",
    email: `${randomUUID()}@example.com`,
    city: "Toronto",
    ...place,
    radius_km: 50,
    skills: ["audio"],
    languages: ["en"],
    task_types: ["PODCAST_ON_SITE_CAPTURE"],
  });
  return { id: registered.id, token: registered.token, client: hd.as(registered.token) };
}

/** A task that screening has let through: it is screened again after its creation was answered. */
export async function opened(hd: HumanDispatch, body: NewTask = podcast()) {
  const task = await hd.tasks.create(body);
  while ((await hd.tasks.get(task.id)).status === "screening") await new Promise((resolve) => setTimeout(resolve, 20));
  return task;
}

/** A task with one quote, received. */
export async function quoted(hd: HumanDispatch) {
  const task = await opened(hd);
  const person = await talent(hd);
  const { quote_requests } = await hd.quotes.request(task.id, { talent_ids: [person.id] });
  const quote = await person.client.quoteRequests.quote(quote_requests[0]!.id, { amount: 249.5, message: "I can do that" });
  return { task, person, quote };
}

/** A task that is booked. */
export async function booked(hd: HumanDispatch) {
  await hd.sandbox.fund({ currency: "CAD", amount: 300 });
  const found = await quoted(hd);
  await hd.quotes.accept(found.quote.id);
  const booking = await hd.bookings.create({ quote_id: found.quote.id });
  return { ...found, booking };
}

/** Two speakers' tracks and a mix, uploaded. */
export async function recordings(hd: HumanDispatch): Promise<Submission> {
  const tracks: [string, Record<string, string>, number][] = [
    ["ana.wav", { speaker: "Ana" }, 1],
    ["ben.wav", { speaker: "Ben" }, 2],
    ["mix.wav", { mix: "true" }, 3],
  ];
  // Other sound each time: QA knows a file it has seen before.
  const seed = Math.floor(Math.random() * 1e6);
  const files = await Promise.all(
    tracks.map(async ([filename, labels, n]) => {
      const { file_id } = await hd.files.upload(speech(seed + n), { filename, content_type: "audio/wav" });
      return { file_id, kind: "audio" as const, labels };
    }),
  );
  return { files };
}
