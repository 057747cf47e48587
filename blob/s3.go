package blob

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options says where the bucket is. The bucket must exist; for uploads from
// a browser its CORS rules must allow PUT with Content-Type and If-None-Match.
type S3Options struct {
	Endpoint     string // host[:port], without a scheme
	Region       string
	Bucket       string
	AccessKey    string
	SecretKey    string
	UseTLS       bool
	AllowReplace bool             // for servers that do not know If-None-Match on PUT: an upload may then replace an earlier one
	Now          func() time.Time // the clock that expiries are counted from; nil is the wall's
}

// S3 is a store in a bucket of any server that speaks S3.
type S3 struct {
	client  minio.Core
	options S3Options
}

// NewS3 makes the store. It connects to nothing yet.
func NewS3(options S3Options) (*S3, error) {
	if options.Region == "" {
		options.Region = "us-east-1" // S3's own default; asking the server would cost a request
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Bucket == "" || options.AccessKey == "" || options.SecretKey == "" {
		return nil, fmt.Errorf("blob: S3 needs a bucket, an access key and a secret key")
	}
	client, err := minio.NewCore(options.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(options.AccessKey, options.SecretKey, ""),
		Secure: options.UseTLS,
		Region: options.Region,
	})
	if err != nil {
		return nil, fmt.Errorf("blob: S3 endpoint %q: %w", options.Endpoint, err)
	}
	return &S3{client: *client, options: options}, nil
}

// Check reports whether the bucket is there and these keys may use it.
func (s *S3) Check(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.options.Bucket)
	if err != nil {
		return fmt.Errorf("blob: S3 bucket %q: %w", s.options.Bucket, err)
	}
	if !ok {
		return fmt.Errorf("blob: S3 bucket %q does not exist: create it first", s.options.Bucket)
	}
	return nil
}

// maxPut is the most that S3 takes in one PUT; more takes several requests,
// which one signed URL cannot allow.
const maxPut = 5 << 30

// MaxBytes implements Store.
func (s *S3) MaxBytes() int64 { return maxPut }

// PresignPut implements Store. The content length is part of the signature:
// clients send it by themselves. A second PUT answers 412.
func (s *S3) PresignPut(ctx context.Context, put Put) (Presigned, error) {
	if err := checkPut(put); err != nil {
		return Presigned{}, err
	}
	if put.Bytes > maxPut {
		return Presigned{}, fmt.Errorf("blob: %d bytes: S3 takes at most %d in one upload", put.Bytes, int64(maxPut))
	}
	headers := map[string]string{"Content-Type": canonicalType(put.ContentType)}
	if !s.options.AllowReplace {
		headers["If-None-Match"] = "*"
	}
	signed := http.Header{}
	for name, value := range headers {
		signed.Set(name, value)
	}
	signed.Set("Content-Length", strconv.FormatInt(put.Bytes, 10))
	u, err := s.client.PresignHeader(ctx, http.MethodPut, s.options.Bucket, put.Key, put.Expires.Sub(s.options.Now()), nil, signed)
	if err != nil {
		return Presigned{}, fmt.Errorf("blob: presign: %w", err)
	}
	return Presigned{URL: u.String(), Headers: headers}, nil
}

// PresignGet implements Store.
func (s *S3) PresignGet(ctx context.Context, get Get) (string, error) {
	if err := checkKey(get.Key); err != nil {
		return "", err
	}
	u, err := s.client.PresignedGetObject(ctx, s.options.Bucket, get.Key, get.Expires.Sub(s.options.Now()),
		url.Values{"response-content-disposition": {disposition(get)}})
	if err != nil {
		return "", fmt.Errorf("blob: presign: %w", err)
	}
	return u.String(), nil
}

// Stat implements Store. The SHA-256 is known only when the uploader gave it to S3.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	info, err := s.stat(ctx, key)
	if err != nil {
		return Info{}, err
	}
	out := Info{Bytes: info.Size, ContentType: info.ContentType}
	// Checksums of multipart uploads are of parts, and carry a suffix that does not decode.
	if sum, err := base64.StdEncoding.DecodeString(info.ChecksumSHA256); err == nil {
		out.SHA256 = hex.EncodeToString(sum)
	}
	return out, nil
}

func (s *S3) stat(ctx context.Context, key string) (minio.ObjectInfo, error) {
	if err := checkKey(key); err != nil {
		return minio.ObjectInfo{}, err
	}
	info, err := s.client.StatObject(ctx, s.options.Bucket, key, minio.StatObjectOptions{Checksum: true})
	return info, s3Error(key, err)
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, key string) (Object, error) {
	info, err := s.stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &s3Object{ctx: ctx, store: s, key: key, etag: info.ETag, size: info.Size}, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := s3Error(key, s.client.RemoveObject(ctx, s.options.Bucket, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	return err
}

func s3Error(key string, err error) error {
	if err == nil {
		return nil
	}
	if code := minio.ToErrorResponse(err).Code; code == "NoSuchKey" || code == "NotFound" {
		return ErrNotExist
	}
	return fmt.Errorf("blob: S3 object %s: %w", key, err)
}
