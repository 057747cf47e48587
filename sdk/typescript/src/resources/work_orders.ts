import { Listing, type Page } from "../listing.js";
import type { RequestOptions, Transport } from "../transport.js";
import type {
  AcceptedWorkOrder,
  AcceptWork,
  Dispute,
  NewDispute,
  OverrideCheck,
  PageQuery,
  PreflightResult,
  QA,
  QAResult,
  RequestChanges,
  RerunQA,
  ResolveDispute,
  SignedReceipt,
  Submission,
  WorkOrder,
} from "../types.js";

/** The work of a booking: what is submitted, what QA says, acceptance. */
export class WorkOrders {
  constructor(private readonly transport: Transport) {}

  get(id: string, options?: RequestOptions): Promise<WorkOrder> {
    return this.transport.call("GET /v1/work_orders/{id}", { path: { id } }, options);
  }

  /** Judges files as QA would, before they are submitted. */
  preflight(id: string, submission: Submission, options?: RequestOptions): Promise<PreflightResult> {
    return this.transport.call("POST /v1/work_orders/{id}/preflight", { path: { id }, body: submission }, options);
  }

  /** Submits uploaded files as a new revision and starts QA. */
  registerDeliverables(id: string, submission: Submission, options?: RequestOptions): Promise<WorkOrder> {
    return this.transport.call("POST /v1/work_orders/{id}/deliverables", { path: { id }, body: submission }, options);
  }

  /** The newest QA run. With `wait_seconds` (up to 60) the answer is held until it completes. */
  getQA(id: string, query: { wait_seconds?: number } = {}, options?: RequestOptions): Promise<QAResult> {
    return this.transport.call("GET /v1/work_orders/{id}/qa", { path: { id }, query }, options);
  }

  /** Runs QA again on the same files. The earlier run is kept. */
  rerunQA(id: string, rerun: RerunQA = {}, options?: RequestOptions): Promise<QAResult> {
    return this.transport.call("POST /v1/work_orders/{id}/qa", { path: { id }, body: rerun }, options);
  }

  /** All QA runs, newest first. */
  listQARuns(id: string, query: PageQuery = {}, options?: RequestOptions): Listing<Page<QA>, QA> {
    return new Listing(
      (after) => this.transport.call("GET /v1/work_orders/{id}/qa/runs", { path: { id }, query: { ...query, ...(after && { starting_after: after.run_id }) } }, options),
      (page) => page.data,
    );
  }

  /** For reviewers: decides one check by hand, with a reason. */
  overrideCheck(id: string, check: string, override: OverrideCheck, options?: RequestOptions): Promise<QAResult> {
    return this.transport.call("POST /v1/work_orders/{id}/qa/checks/{check}/override", { path: { id, check }, body: override }, options);
  }

  /** Asks the talent for another revision. */
  requestChanges(id: string, changes: RequestChanges, options?: RequestOptions): Promise<WorkOrder> {
    return this.transport.call("POST /v1/work_orders/{id}/request_changes", { path: { id }, body: changes }, options);
  }

  /** Accepts the work, or only some deliverables of it, and pays the talent. */
  accept(id: string, accept: AcceptWork = {}, options?: RequestOptions): Promise<AcceptedWorkOrder> {
    return this.transport.call("POST /v1/work_orders/{id}/accept", { path: { id }, body: accept }, options);
  }

  /** The signed record of the finished work, which can be verified offline. */
  receipt(id: string, options?: RequestOptions): Promise<SignedReceipt> {
    return this.transport.call("GET /v1/work_orders/{id}/receipt", { path: { id } }, options);
  }
}

/** Disagreement about a work order. Its money is frozen until it is resolved. */
export class Disputes {
  constructor(private readonly transport: Transport) {}

  open(workOrderId: string, dispute: NewDispute, options?: RequestOptions): Promise<Dispute> {
    return this.transport.call("POST /v1/work_orders/{id}/disputes", { path: { id: workOrderId }, body: dispute }, options);
  }

  get(id: string, options?: RequestOptions): Promise<Dispute> {
    return this.transport.call("GET /v1/disputes/{id}", { path: { id } }, options);
  }

  /** For reviewers. */
  resolve(id: string, resolution: ResolveDispute, options?: RequestOptions): Promise<Dispute> {
    return this.transport.call("POST /v1/disputes/{id}/resolve", { path: { id }, body: resolution }, options);
  }
}
