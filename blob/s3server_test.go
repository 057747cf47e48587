package blob_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/humandispatch/humandispatch/blob"
)

const (
	gateway        = "github.com/versity/versitygw/cmd/versitygw"
	gatewayVersion = "v1.8.0"
)

// TestMain ends the S3 server that the tests shared.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range stops {
		stop()
	}
	os.Exit(code)
}

var stops []func()

// s3Server builds a real S3 server once a machine, and starts it once a test process.
var s3Server = sync.OnceValues(func() (blob.S3Options, error) {
	binary, err := gatewayBinary()
	if err != nil {
		return blob.S3Options{}, err
	}
	dir, err := os.MkdirTemp("", "s3-")
	if err != nil {
		return blob.S3Options{}, err
	}
	stops = append(stops, func() { _ = os.RemoveAll(dir) })
	for _, sub := range []string{"data", "meta"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return blob.S3Options{}, err
		}
	}
	for range 3 { // another process may take the port between the choice and the start
		var options blob.S3Options
		if options, err = startGateway(binary, dir); err == nil {
			return options, nil
		}
	}
	return blob.S3Options{}, err
})

func startGateway(binary, dir string) (blob.S3Options, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return blob.S3Options{}, err
	}
	options := blob.S3Options{Endpoint: listener.Addr().String(), AccessKey: "test-access", SecretKey: "test-secret"}
	_ = listener.Close()
	var output strings.Builder
	cmd := exec.Command(binary, "--port", options.Endpoint, "--access", options.AccessKey, "--secret", options.SecretKey, "--quiet",
		"posix", "--sidecar", filepath.Join(dir, "meta"), filepath.Join(dir, "data"))
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return options, err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	stop := func() {
		_ = cmd.Process.Kill()
		<-exited
	}
	client, err := gatewayClient(options)
	if err != nil {
		stop()
		return options, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		if _, err = client.ListBuckets(ctx); err == nil {
			stops = append(stops, stop)
			return options, nil
		}
		select {
		case <-exited:
			return options, fmt.Errorf("the S3 server ended: %s", output.String())
		case <-ctx.Done():
			stop()
			return options, fmt.Errorf("the S3 server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func gatewayClient(options blob.S3Options) (*minio.Client, error) {
	return minio.New(options.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(options.AccessKey, options.SecretKey, ""), Region: "us-east-1", MaxRetries: 1})
}

// gatewayBinary installs the server into the user's cache directory unless it is there.
func gatewayBinary() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "humandispatch")
	binary := filepath.Join(dir, "versitygw-"+gatewayVersion)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	bin, err := os.MkdirTemp(dir, "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(bin)
	cmd := exec.Command("go", "install", gateway+"@"+gatewayVersion)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=", "GOOS=", "GOARCH=")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install the S3 server for tests: %w\n%s", err, output)
	}
	return binary, os.Rename(filepath.Join(bin, "versitygw"), binary)
}

// newS3 is a store in a bucket of the test's own.
func newS3(t *testing.T) *blob.S3 {
	t.Helper()
	options, err := s3Server()
	if err != nil {
		t.Fatal(err)
	}
	options.Bucket = "files-" + strings.ToLower(rand.Text())
	client, err := gatewayClient(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), options.Bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	store, err := blob.NewS3(options)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// send sends a PUT as a client would and returns the status and the body.
func send(t *testing.T, url string, headers map[string]string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	return do(t, req)
}

func TestS3RefusesWhatOnePUTCannotBring(t *testing.T) {
	t.Parallel()
	store, err := blob.NewS3(blob.S3Options{Endpoint: "127.0.0.1:1", Bucket: "files", AccessKey: "a", SecretKey: "s"})
	if err != nil {
		t.Fatal(err)
	}
	put := blob.Put{Key: "f", ContentType: "video/mp4", Bytes: store.MaxBytes(), Expires: time.Now().Add(time.Hour)}
	if _, err := store.PresignPut(t.Context(), put); err != nil || put.Bytes != 5<<30 {
		t.Errorf("%d bytes: %v", put.Bytes, err)
	}
	put.Bytes++
	if _, err := store.PresignPut(t.Context(), put); err == nil {
		t.Error("a PUT that S3 would refuse is signed")
	}
}
