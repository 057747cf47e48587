import type { RequestOptions, Transport } from "../transport.js";
import type { Booking, CancelBooking, CancelledBooking, NewBooking, NewCheckin, RecordedCheckin } from "../types.js";

/** Talent engaged for a task, with the money held in escrow. */
export class Bookings {
  constructor(private readonly transport: Transport) {}

  /** Books an accepted quote and holds its total. Throws InsufficientFundsError when there is not enough. */
  create(booking: NewBooking, options?: RequestOptions): Promise<Booking> {
    return this.transport.call("POST /v1/bookings", { body: booking }, options);
  }

  get(id: string, options?: RequestOptions): Promise<Booking> {
    return this.transport.call("GET /v1/bookings/{id}", { path: { id } }, options);
  }

  /** Records where somebody is. The answer says whether that counts as being there. */
  checkin(id: string, checkin: NewCheckin, options?: RequestOptions): Promise<RecordedCheckin> {
    return this.transport.call("POST /v1/bookings/{id}/checkin", { path: { id }, body: checkin }, options);
  }

  /** Cancels and settles the escrow by the cancellation rule. */
  cancel(id: string, cancel: CancelBooking = {}, options?: RequestOptions): Promise<CancelledBooking> {
    return this.transport.call("POST /v1/bookings/{id}/cancel", { path: { id }, body: cancel }, options);
  }

  /** Who would get what if it were cancelled now. Nothing changes. */
  previewCancel(id: string, options?: RequestOptions): Promise<CancelledBooking> {
    return this.transport.call("POST /v1/bookings/{id}/cancel", { path: { id }, query: { dry_run: true }, body: {} }, options);
  }
}
