-- name: InsertDecision :exec
INSERT INTO policy_decisions (id, account_id, task_id, subject, decision, rules, rule_set, fingerprint, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: Decision :one
SELECT * FROM policy_decisions WHERE id = $1;

-- name: DecisionForUpdate :one
SELECT * FROM policy_decisions WHERE id = $1 FOR NO KEY UPDATE;

-- name: ResolveDecision :exec
UPDATE policy_decisions SET approved = @approved::boolean, reviewed_by = @reviewed_by::text, review_reason = @review_reason::text, reviewed_at = @now::timestamptz
WHERE id = @id;

-- name: PendingReviews :many
SELECT * FROM policy_decisions
WHERE decision = 'review' AND approved IS NULL AND id > @after::text
ORDER BY id LIMIT @count;

-- name: DecisionsOfTask :many
SELECT * FROM policy_decisions WHERE task_id = @task_id::text ORDER BY id;

-- name: RecentTasks :many
-- One row a task (its newest decision), and one for each attempt that made none.
SELECT DISTINCT ON (coalesce(task_id, id)) coalesce(task_id, id)::text AS key, decision, fingerprint, created_at FROM policy_decisions
WHERE account_id = @account_id AND subject = 'task' AND created_at > @since::timestamptz
  AND created_at <= @until::timestamptz AND (task_id IS NULL OR task_id <> @except_task::text)
ORDER BY coalesce(task_id, id), policy_decisions.id DESC LIMIT 5000;
