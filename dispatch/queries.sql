-- Tasks. The row lock of a task orders everything that belongs to it.

-- name: InsertTask :exec
INSERT INTO tasks (id, account_id, livemode, status, task_type, template_version, body, brief_sha256, currency, max_total, start_at, end_at, deadline_at, policy, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15);

-- name: Task :one
SELECT * FROM tasks WHERE id = $1;

-- name: LockTask :one
SELECT * FROM tasks WHERE id = $1 FOR UPDATE;

-- name: SetTaskStatus :exec
UPDATE tasks SET status = $2, updated_at = $3 WHERE id = $1;

-- name: SetTaskPolicy :exec
UPDATE tasks SET status = $2, policy = $3, updated_at = $4 WHERE id = $1;

-- name: Tasks :many
SELECT * FROM tasks
WHERE account_id = @account_id
  AND (@status::text = '' OR status = @status)
  AND (@task_type::text = '' OR task_type = @task_type)
  AND (@starting_after::text = '' OR id < @starting_after)
ORDER BY id DESC LIMIT @lim;

-- name: TasksForReview :many
SELECT * FROM tasks WHERE status = 'needs_review' AND livemode = @livemode AND id > @starting_after ORDER BY id LIMIT @lim;

-- name: OpenTaskIDs :many
SELECT id FROM tasks WHERE status IN ('open', 'needs_review') AND id > @starting_after ORDER BY id LIMIT @lim;

-- name: CountOpenTasks :one
SELECT count(*) FROM tasks WHERE status IN ('open', 'needs_review');

-- Quote requests and quotes.

-- name: InsertQuoteRequest :execrows
INSERT INTO quote_requests (id, task_id, account_id, talent_id, status, message, expires_at, created_at)
VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7)
ON CONFLICT ON CONSTRAINT quote_requests_once DO NOTHING;

-- name: RenewQuoteRequest :one
UPDATE quote_requests SET status = 'requested', message = $2, expires_at = $3 WHERE id = $1 AND status IN ('declined', 'expired') RETURNING *;

-- name: QuoteRequest :one
SELECT * FROM quote_requests WHERE id = $1;

-- name: QuoteRequestOfTalent :one
SELECT * FROM quote_requests WHERE task_id = $1 AND talent_id = $2;

-- name: QuoteRequestsOfTalent :many
SELECT sqlc.embed(r), sqlc.embed(t) FROM quote_requests r JOIN tasks t ON t.id = r.task_id
WHERE r.talent_id = @talent_id AND t.status IN ('open', 'booked', 'completed')
  AND (@status::text = '' OR r.status = @status)
  AND (@starting_after::text = '' OR r.id < @starting_after)
ORDER BY r.id DESC LIMIT @lim;

-- name: CountOpenQuoteRequests :one
SELECT count(*) FROM quote_requests WHERE task_id = $1 AND status IN ('requested', 'quoted');

-- name: InvitedTalent :many
SELECT talent_id FROM quote_requests WHERE task_id = $1;

-- name: SetQuoteRequestStatus :exec
UPDATE quote_requests SET status = $2 WHERE id = $1;

-- name: CloseQuoteRequests :exec
UPDATE quote_requests SET status = 'cancelled' WHERE task_id = $1 AND status = 'requested';

-- name: InsertQuote :exec
INSERT INTO quotes (id, quote_request_id, task_id, account_id, talent_id, status, amount, currency, message, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, 'received', $6, $7, $8, $9, $10);

-- name: Quote :one
SELECT * FROM quotes WHERE id = $1;

-- name: QuotesOfTask :many
SELECT * FROM quotes
WHERE task_id = @task_id AND (@status::text = '' OR status = @status) AND (@starting_after::text = '' OR id < @starting_after)
ORDER BY id DESC LIMIT @lim;

-- name: CountQuotes :one
SELECT count(*) FILTER (WHERE status = 'received') AS received, count(*) FILTER (WHERE status = 'accepted') AS accepted FROM quotes WHERE task_id = $1;

-- name: SetQuoteStatus :exec
UPDATE quotes SET status = $2, accepted_at = coalesce(sqlc.narg(accepted_at), accepted_at) WHERE id = $1;

-- name: DeclineSiblings :exec
UPDATE quotes SET status = 'declined' WHERE task_id = $1 AND id <> $2 AND status IN ('received', 'accepted');

-- Bookings and check-ins.

-- name: InsertBooking :exec
INSERT INTO bookings (id, task_id, account_id, talent_id, quote_id, status, amount, currency, start_at, end_at, no_show_at, site_secret, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'confirmed', $6, $7, $8, $9, $10, $11, $12, $12);

-- name: Booking :one
SELECT * FROM bookings WHERE id = $1;

-- name: LiveBookingOfTask :one
SELECT * FROM bookings WHERE task_id = $1 AND status IN ('confirmed', 'checked_in', 'completed');

-- name: SetBookingStatus :exec
UPDATE bookings SET status = $2, updated_at = $3, cancel_reason = coalesce(sqlc.narg(cancel_reason), cancel_reason) WHERE id = $1;

-- name: InsertCheckin :exec
INSERT INTO checkins (id, booking_id, talent_id, kind, person, lat, lng, accuracy_m, captured_at, received_at, verdict, distance_m, settled_by, flags)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: CheckinsOfBooking :many
SELECT * FROM checkins WHERE booking_id = $1 ORDER BY id;

-- name: LastCheckinOfTalent :one
SELECT * FROM checkins WHERE talent_id = $1 AND person = $2 ORDER BY id DESC LIMIT 1;

-- name: WrongSiteCodes :one
SELECT count(*) FROM checkins WHERE booking_id = $1 AND received_at > @since::timestamptz AND 'wrong_site_code' = ANY(flags);

-- Work orders.

-- name: InsertWorkOrder :exec
INSERT INTO work_orders (id, booking_id, task_id, account_id, talent_id, status, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'open', $6, $6);

-- name: WorkOrder :one
SELECT * FROM work_orders WHERE id = $1;

-- name: WorkOrderOfBooking :one
SELECT * FROM work_orders WHERE booking_id = $1;

-- name: WorkOrdersOfTalent :many
SELECT * FROM work_orders WHERE talent_id = @talent_id AND (@starting_after::text = '' OR id < @starting_after) ORDER BY id DESC LIMIT @lim;

-- name: SetWorkOrderStatus :exec
UPDATE work_orders SET status = $2, updated_at = $3 WHERE id = $1;

-- name: SubmitRevision :exec
UPDATE work_orders SET status = 'submitted', revision = $2, current_run_id = $3, accept_due_at = NULL, updated_at = $4 WHERE id = $1;

-- name: SetWorkOrderRun :exec
UPDATE work_orders SET current_run_id = $2, updated_at = $3 WHERE id = $1;

-- name: JudgeWorkOrder :exec
UPDATE work_orders SET status = $2, accept_due_at = $3, updated_at = $4 WHERE id = $1;

-- name: RequestWorkOrderChanges :exec
UPDATE work_orders SET status = 'changes_requested', changes_message = $2, accept_due_at = NULL, updated_at = $3 WHERE id = $1;

-- name: AcceptWorkOrder :exec
UPDATE work_orders SET status = 'accepted', accepted_at = $2, accepted_files = $3, total_files = $4, accept_due_at = NULL, updated_at = $2 WHERE id = $1;

-- name: InsertSubmission :exec
INSERT INTO submissions (work_order_id, revision, answers, message, received_at) VALUES ($1, $2, $3, $4, $5);

-- name: Submission :one
SELECT * FROM submissions WHERE work_order_id = $1 AND revision = $2;

-- name: InsertDeliverables :copyfrom
INSERT INTO deliverables (id, work_order_id, revision, position, file_id, kind, labels, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: Deliverables :many
SELECT sqlc.embed(d), sqlc.embed(f) FROM deliverables d JOIN files f ON f.id = d.file_id
WHERE d.work_order_id = $1 AND d.revision = $2 ORDER BY d.position;

-- name: MarkAccepted :exec
UPDATE deliverables SET accepted = (id = ANY(@accepted::text[])) WHERE work_order_id = @work_order_id AND revision = @revision;

-- Files.

-- name: InsertFile :exec
INSERT INTO files (id, account_id, talent_id, livemode, name, content_type, bytes, status, capture, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10);

-- name: File :one
SELECT * FROM files WHERE id = $1;

-- name: FilesByID :many
SELECT * FROM files WHERE id = ANY(@ids::text[]);

-- name: MarkUploaded :execrows
UPDATE files SET status = 'uploaded', sha256 = $2, bytes = $3, uploaded_at = $4 WHERE id = $1 AND (status = 'pending' OR sha256 = $2);

-- name: SetFacts :exec
UPDATE files SET facts = $2, facts_engine = $3 WHERE id = $1;

-- name: FilesWithoutFacts :many
SELECT * FROM files WHERE id = ANY(@ids::text[]) AND status = 'uploaded' AND (facts IS NULL OR facts_engine IS DISTINCT FROM @engine);

-- name: ExpiredFiles :many
SELECT id FROM files WHERE status = 'pending' AND expires_at < $1 ORDER BY expires_at LIMIT $2;

-- name: DeletePendingFile :execrows
DELETE FROM files WHERE id = $1 AND status = 'pending';

-- name: SubmittedTo :one
SELECT EXISTS (SELECT FROM work_orders w JOIN deliverables d ON d.work_order_id = w.id
WHERE d.file_id = @file_id AND (w.account_id = @account_id OR w.talent_id = @talent_id));

-- name: InsertFileHash :exec
INSERT INTO file_hashes (file_id, work_order_id, livemode, seen_at, sha256, phash, band0, band1, band2, band3)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING;

-- name: SeenExactly :one
-- By what was submitted, not by what was judged: of two submissions at once the
-- later is found although neither is in file_hashes yet.
SELECT EXISTS (
    SELECT FROM files f
    JOIN deliverables d ON d.file_id = f.id
    JOIN submissions s ON s.work_order_id = d.work_order_id AND s.revision = d.revision
    WHERE f.sha256 = @sha256::text AND f.livemode = @livemode AND s.work_order_id <> @work_order_id
      AND (s.received_at, s.work_order_id) < (@before::timestamptz, @work_order_id));

-- name: NearestSeen :one
-- The neighbours are the band's value and its 16 values one bit away.
SELECT coalesce(min(bit_count((h.phash # @phash::bigint)::bit(64))), -1)::integer
FROM file_hashes h
WHERE h.work_order_id <> @work_order_id AND h.livemode = @livemode AND h.seen_at < @before
  AND (h.band0 = ANY(@n0::integer[]) OR h.band1 = ANY(@n1::integer[]) OR h.band2 = ANY(@n2::integer[]) OR h.band3 = ANY(@n3::integer[]));

-- QA runs, overrides.

-- name: InsertRun :exec
INSERT INTO qa_runs (id, work_order_id, revision, status, requested_by, only_checks, files_total, template_version, created_at)
VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8);

-- name: Run :one
SELECT * FROM qa_runs WHERE id = $1;

-- name: LatestRun :one
SELECT * FROM qa_runs WHERE work_order_id = $1 ORDER BY revision DESC, id DESC LIMIT 1;

-- name: LatestCompletedRun :one
SELECT * FROM qa_runs WHERE work_order_id = $1 AND revision = $2 AND status = 'completed' ORDER BY id DESC LIMIT 1;

-- name: Runs :many
SELECT * FROM qa_runs WHERE work_order_id = @work_order_id AND (@starting_after::text = '' OR id < @starting_after) ORDER BY id DESC LIMIT @lim;

-- name: StartRun :execrows
UPDATE qa_runs SET status = 'running', started_at = coalesce(started_at, $2), files_done = 0 WHERE id = $1 AND status <> 'completed';

-- name: ProgressRun :exec
UPDATE qa_runs SET files_done = $2 WHERE id = $1 AND status = 'running' AND files_done < $2;

-- name: CompleteRun :execrows
UPDATE qa_runs SET status = 'completed', report = $2, engine_version = $3, files_done = files_total, started_at = coalesce(started_at, $4), completed_at = $4
WHERE id = $1 AND status <> 'completed';

-- name: Overrides :many
SELECT * FROM qa_overrides WHERE work_order_id = $1 AND revision = $2 AND revoked_at IS NULL ORDER BY id;

-- name: RevokeOverride :execrows
UPDATE qa_overrides SET revoked_at = $4 WHERE work_order_id = $1 AND revision = $2 AND check_id = $3 AND revoked_at IS NULL;

-- name: InsertOverride :exec
INSERT INTO qa_overrides (id, work_order_id, revision, check_id, verdict, reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- Disputes.

-- name: InsertDispute :exec
INSERT INTO disputes (id, work_order_id, account_id, talent_id, status, opened_by, reason, due_at, currency, created_at)
VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9);

-- name: Dispute :one
SELECT * FROM disputes WHERE id = $1;

-- name: OpenDispute :one
SELECT * FROM disputes WHERE work_order_id = $1 AND status = 'open';

-- name: ResolveDispute :exec
UPDATE disputes SET status = 'resolved', to_talent = $2, to_requester = $3, resolution = $4, resolved_by = $5, resolved_at = $6 WHERE id = $1;

-- name: BookingStates :many
SELECT id, status FROM bookings;
