package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
)

// ReadFiles works jobs.ReadFiles: it reads files ahead of their submission and
// wakes whoever waits for them.
type ReadFiles struct {
	river.WorkerDefaults[jobs.ReadFiles]
	*Reader
}

// Timeout implements river.Worker.
func (w *ReadFiles) Timeout(*river.Job[jobs.ReadFiles]) time.Duration { return jobs.ReadFilesTimeout }

// Work implements river.Worker.
func (w *ReadFiles) Work(ctx context.Context, job *river.Job[jobs.ReadFiles]) error {
	unread, err := db.In(ctx, w.Pool, func(tx pgx.Tx) ([]dispatch.StoredFile, error) {
		return w.Dispatch.UnreadFiles(ctx, tx, job.Args.FileIDs, media.Version)
	})
	if err != nil {
		return err
	}
	return w.read(ctx, unread, func(tx pgx.Tx) error { return event.Notify(ctx, tx, dispatch.QATopic(job.Args.WorkOrderID)) })
}
