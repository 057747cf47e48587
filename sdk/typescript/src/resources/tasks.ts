import { byId, Listing, type Page } from "../listing.js";
import type { BodyOf } from "../operations.js";
import type { RequestOptions, Transport } from "../transport.js";
import type { CreatedTask, NewTask, PageQuery, Task, TaskQuery, Template, TemplateList } from "../types.js";

/** The kinds of task there are. */
export class Templates {
  constructor(private readonly transport: Transport) {}

  /** All templates, as `{ templates, has_more }`. */
  list(query: PageQuery = {}, options?: RequestOptions): Listing<TemplateList, Template> {
    return new Listing(
      (after) => this.transport.call("GET /v1/templates", { query: { ...query, ...(after && { starting_after: after.task_type }) } }, options),
      (page) => page.templates,
    );
  }

  /** A template with the JSON Schema of its task_spec, its rules, acceptance tests and a sample that is accepted. */
  get(taskType: string, options?: RequestOptions): Promise<Template> {
    return this.transport.call("GET /v1/templates/{task_type}", { path: { task_type: taskType } }, options);
  }
}

/** What you want done. */
export class Tasks {
  constructor(private readonly transport: Transport) {}

  /** Creates a task. Nobody is asked and nothing is paid yet. Throws PolicyBlockedError when it is forbidden. */
  create(task: NewTask, options?: RequestOptions): Promise<CreatedTask> {
    return this.transport.call("POST /v1/tasks", { body: task as BodyOf<"POST /v1/tasks"> }, options);
  }

  /** Validates and screens a task, and creates nothing. */
  check(task: NewTask, options?: RequestOptions): Promise<CreatedTask> {
    return this.transport.call("POST /v1/tasks", { query: { dry_run: true }, body: task as BodyOf<"POST /v1/tasks"> }, options);
  }

  get(id: string, options?: RequestOptions): Promise<Task> {
    return this.transport.call("GET /v1/tasks/{id}", { path: { id } }, options);
  }

  /** Newest first. */
  list(query: TaskQuery = {}, options?: RequestOptions): Listing<Page<Task>, Task> {
    return byId((after) => this.transport.call("GET /v1/tasks", { query: { ...query, ...after } }, options));
  }

  /** Only a task that is not booked can be cancelled; a booking is cancelled by itself. */
  cancel(id: string, options?: RequestOptions): Promise<Task> {
    return this.transport.call("POST /v1/tasks/{id}/cancel", { path: { id } }, options);
  }
}
