import { InvalidStateError } from "@humandispatch/sdk";
import { expect, test } from "vitest";
import { booked, connect, place, recordings } from "./world.js";

test("a whole job, from templates to a signed receipt", async () => {
  const hd = connect();
  const { templates } = await hd.templates.list();
  expect(templates.map((t) => t.task_type)).toContain("PODCAST_ON_SITE_CAPTURE");

  const { task, person, quote, booking } = await booked(hd);
  expect((await hd.quotes.list(task.id)).data.map((q) => q.id)).toEqual([quote.id]);
  expect(booking).toMatchObject({ status: "confirmed", task_id: task.id });

  const at = { ...place, accuracy_m: 10, captured_at: new Date().toISOString() };
  const { checkin } = await person.client.bookings.checkin(booking.id, at);
  expect(checkin.verdict).toBe("inside");

  const submission = await recordings(person.client);
  const preflight = await person.client.workOrders.preflight(booking.work_order_id, submission);
  expect(preflight).toBeDefined();
  const submitted = await person.client.workOrders.registerDeliverables(booking.work_order_id, submission);
  expect(submitted.status).toBe("submitted");

  const { qa } = await hd.workOrders.getQA(booking.work_order_id, { wait_seconds: 50 });
  expect(qa.checks.filter((c) => c.blocking && c.verdict !== "pass")).toEqual([]);
  expect(qa.overallPass).toBe(true);

  const again = await hd.workOrders.rerunQA(booking.work_order_id);
  expect(again.qa.run_id).not.toBe(qa.run_id);
  expect((await hd.workOrders.getQA(booking.work_order_id, { wait_seconds: 50 })).qa.overallPass).toBe(true);
  const runs = [];
  for await (const run of hd.workOrders.listQARuns(booking.work_order_id, { limit: 1 })) runs.push(run.run_id);
  expect(runs).toEqual([again.qa.run_id, qa.run_id]);

  const accepted = await hd.workOrders.accept(booking.work_order_id);
  expect(accepted.status).toBe("accepted");
  expect(await hd.workOrders.receipt(booking.work_order_id)).toMatchObject({ receipt: { work_order_id: booking.work_order_id } });
  expect((await hd.tasks.get(task.id)).status).toBe("completed");
  await expect(hd.workOrders.requestChanges(booking.work_order_id, { message: "Too late" })).rejects.toBeInstanceOf(InvalidStateError);
});
