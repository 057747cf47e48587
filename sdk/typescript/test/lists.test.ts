import { expect, test } from "vitest";
import { booked, connect, podcast } from "./world.js";

test("a list is one page when awaited and everything in a loop", async () => {
  const hd = connect();
  const made = [];
  for (let i = 0; i < 3; i++) made.unshift((await hd.tasks.create(podcast())).id);

  const page = await hd.tasks.list({ limit: 2 });
  expect(page).toMatchObject({ has_more: true });
  expect(page.data).toHaveLength(2);

  const seen: string[] = [];
  for await (const task of hd.tasks.list({ limit: 2 })) {
    if (made.includes(task.id)) seen.push(task.id);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual(made);

  const sizes = [];
  for await (const { templates } of hd.templates.list({ limit: 4 }).pages()) sizes.push(templates.length);
  expect(sizes).toEqual([4, 4, 2]);
});

test("a list asks nothing before it is used, and once however often it is awaited", async () => {
  let asked = 0;
  const hd = connect({ fetch: (url, init) => (asked++, fetch(url, init)) });
  const list = hd.templates.list({ limit: 100 });
  expect(asked).toBe(0);
  const [a, b] = await Promise.all([list, list]);
  expect(a).toBe(b);
  const types = [];
  for await (const template of list) types.push(template.task_type);
  expect(types).toEqual(a.templates.map((t) => t.task_type));
  expect(asked).toBe(1);
  const after = { finally: false };
  await list.finally(() => (after.finally = true));
  expect(after.finally).toBe(true);
});

test("an error in a list reaches whoever uses it", async () => {
  const list = connect().as("sk_test_nobody").tasks.list();
  await expect(list).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await list.catch(() => "caught")).toBe("caught");
  await expect((async () => { for await (const _ of list) throw new Error("there was a task"); })()).rejects.toMatchObject({ status: 401 });
});

test("lists in queries are separated by commas and what is not given is not sent", async () => {
  let url = "";
  const hd = connect({ fetch: async (input) => ((url = String(input)), Response.json({ data: [], has_more: false })) });
  await hd.talent.search({ skills: ["audio", "video"], languages: [], lat: 0 });
  expect(decodeURIComponent(new URL(url).search)).toBe("?skills=audio,video&lat=0");
});

test("events come in order and without gaps, what was and what happens", async () => {
  const hd = connect();
  const first = await hd.events.list({ limit: 1 });
  let sequence = first.data[0]!.sequence;
  for await (const event of hd.events.list({ after: sequence, limit: 7 })) expect(event.sequence).toBe(++sequence);

  const stop = new AbortController();
  const stream = hd.events.stream({ after: sequence, types: ["booking.confirmed"] }, { signal: stop.signal });
  const next = stream.next(); // waits: nothing has happened
  const { booking } = await booked(hd);
  for (let event = await next; ; event = await stream.next()) {
    expect(event.value).toMatchObject({ type: "booking.confirmed" });
    if (event.value!.related.booking_id !== booking.id) continue;
    expect((await hd.events.get(event.value!.id)).sequence).toBe(event.value!.sequence);
    break;
  }
  const waiting = stream.next();
  stop.abort(new Error("enough"));
  // Another test's booking may come first.
  await expect((async () => { for (let e = await waiting; !e.done; ) e = await stream.next(); })()).rejects.toThrow("enough");
});
