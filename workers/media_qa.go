package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/errgroup"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/qa"
)

// Reader reads the facts of stored files and keeps them with their rows.
type Reader struct {
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Blob     blob.Store
	Prober   *media.Prober
	Parallel int // files read at once by one job
}

// read reads files several at a time; after each one, kept runs in the
// transaction that keeps its facts.
func (r *Reader) read(ctx context.Context, files []dispatch.StoredFile, kept func(tx pgx.Tx) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.Parallel)
	for _, file := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err() // the others have failed, or time is up
			}
			facts, err := r.probe(ctx, file)
			if err != nil {
				return fmt.Errorf("read %s: %w", file.ID, err)
			}
			raw, err := json.Marshal(facts)
			if err != nil {
				return fmt.Errorf("facts of %s: %w", file.ID, err)
			}
			return db.WithTx(ctx, r.Pool, func(tx pgx.Tx) error {
				if err := r.Dispatch.SaveFacts(ctx, tx, file.ID, raw, media.Version); err != nil {
					return err
				}
				return kept(tx)
			})
		})
	}
	return group.Wait()
}

func (r *Reader) probe(ctx context.Context, file dispatch.StoredFile) (media.Facts, error) {
	object, err := r.Blob.Open(ctx, file.ID)
	if errors.Is(err, blob.ErrNotExist) {
		return media.Facts{Bytes: file.Bytes, SHA256: file.SHA256, Error: &media.FileError{Code: media.CodeUnreadable, Message: "the file is no longer in storage"}}, nil
	}
	if err != nil {
		return media.Facts{}, err
	}
	defer object.Close()
	return r.Prober.Probe(ctx, media.Source{Reader: object, File: object.File(), Size: object.Size(), Name: file.Name, SHA256: file.SHA256}, true)
}

// MediaQA works jobs.MediaQA: it reads the files whose facts are not known yet,
// judges, and records verdict, event and the end of the job in one transaction.
// Cut off anywhere it goes on with the facts it has; run twice it records once.
type MediaQA struct {
	river.WorkerDefaults[jobs.MediaQA]
	*Reader
	Now func() time.Time
}

// Timeout implements river.Worker. River rescues the job of a killed worker when
// this has passed, so it begins short and doubles with each attempt: one file
// that takes longer gets its time in the end.
func (w *MediaQA) Timeout(job *river.Job[jobs.MediaQA]) time.Duration {
	return jobs.MediaQATimeout << min(max(job.Attempt-1, 0), 5)
}

// Work implements river.Worker.
func (w *MediaQA) Work(ctx context.Context, job *river.Job[jobs.MediaQA]) error {
	run, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (dispatch.Run, error) {
		return w.Dispatch.StartRun(ctx, tx, w.Now(), job.Args.RunID, media.Version)
	})
	if err != nil || run.Completed {
		return outcome(err)
	}
	begun := int64(run.FilesTotal - len(run.Unread))
	var done atomic.Int64
	done.Store(begun)
	err = w.read(ctx, run.Unread, func(tx pgx.Tx) error { return w.Dispatch.RunProgress(ctx, tx, run, int(done.Add(1))) })
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && done.Load() > begun {
		return river.JobSnooze(0) // it got on: the rest follows at once, and no attempt is used up
	}
	if err != nil {
		return err
	}
	input, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (qa.Input, error) { return w.Dispatch.RunInput(ctx, tx, run.ID) })
	if err != nil {
		return err
	}
	report := qa.Judge(input)
	return outcome(db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if err := w.Dispatch.CompleteRun(ctx, tx, w.Now(), run.ID, report); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	}))
}
