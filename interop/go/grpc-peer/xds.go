package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/xds" // The resolver of xds:///, and the balancers it configures.
)

const xdsCallWithin = 10 * time.Second

// keepCalling makes calls one after the other, by several callers at once, until it is told to end. Each call that fails
// is a line. Where the management server is says the environment variable GRPC_XDS_BOOTSTRAP_CONFIG.
func keepCalling(target string, callers int) error {
	connection, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesCodec{})))
	if err != nil {
		return err
	}
	defer connection.Close()
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var calls, failed atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Add(1)
		go func() {
			defer group.Done()
			for ended.Err() == nil {
				ctx, cancel := context.WithTimeout(context.Background(), xdsCallWithin)
				_, err := call(ctx, connection, "Echo", []byte("x"))
				cancel()
				calls.Add(1)
				if err != nil {
					failed.Add(1)
					fmt.Fprintf(os.Stdout, "failed: %v\n", err)
					time.Sleep(10 * time.Millisecond)
				}
			}
		}()
	}
	group.Wait()
	fmt.Printf("%d calls, %d failed\n", calls.Load(), failed.Load())
	return nil
}
