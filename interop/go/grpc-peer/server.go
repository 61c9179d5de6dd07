package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const messageBytesMax = 8 << 20

// The methods: Echo (unary), Repeat (one request, "N" answers of it), Sum (many requests, one answer), Chat (an
// answer to each request), Fail (an error with trailers), Hang (waits for the client's deadline, and says which).
var service = grpc.ServiceDesc{
	ServiceName: "interop.Peer",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		{MethodName: "Echo", Handler: unary(echo)},
		{MethodName: "Fail", Handler: unary(failing)},
		{MethodName: "Hang", Handler: unary(hang)},
	},
	Streams: []grpc.StreamDesc{
		{StreamName: "Repeat", Handler: repeat, ServerStreams: true},
		{StreamName: "Sum", Handler: sum, ClientStreams: true},
		{StreamName: "Chat", Handler: chat, ServerStreams: true, ClientStreams: true},
	},
}

func serve(cert, key string) error {
	options := []grpc.ServerOption{
		grpc.ForceServerCodec(bytesCodec{}),
		grpc.MaxRecvMsgSize(messageBytesMax),
		grpc.MaxSendMsgSize(messageBytesMax),
	}
	if cert != "" {
		credentials, err := credentials.NewServerTLSFromFile(cert, key)
		if err != nil {
			return err
		}
		options = append(options, grpc.Creds(credentials))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	server := grpc.NewServer(options...)
	server.RegisterService(&service, nil)
	return server.Serve(listener)
}

func unary(answer func(context.Context, []byte) ([]byte, error)) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		response, err := answer(ctx, request)
		return &response, err
	}
}

// echo sends the client's metadata `x-say` back, as a header and as a trailer, and binary metadata with it.
func echo(ctx context.Context, request []byte) ([]byte, error) {
	incoming, _ := metadata.FromIncomingContext(ctx)
	said := incoming.Get("x-say")
	if len(said) > 0 {
		_ = grpc.SetHeader(ctx, metadata.Pairs("x-header", said[0], "x-bin", "\x00\xff\x10"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("x-trailer", said[0]))
	}
	return request, nil
}

func failing(ctx context.Context, request []byte) ([]byte, error) {
	_ = grpc.SetTrailer(ctx, metadata.Pairs("x-why", "because"))
	return nil, status.Error(codes.FailedPrecondition, "not today: "+string(request)+" é%\n")
}

func hang(ctx context.Context, _ []byte) ([]byte, error) {
	deadline, has := ctx.Deadline()
	if !has {
		return nil, status.Error(codes.InvalidArgument, "no deadline came through")
	}
	if time.Until(deadline) > 5*time.Second {
		return nil, status.Error(codes.InvalidArgument, "a longer deadline came through")
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func repeat(_ any, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	count, err := strconv.Atoi(string(request))
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	for index := range count {
		answer := []byte(fmt.Sprintf("%d of %d", index+1, count))
		if err := stream.SendMsg(&answer); err != nil {
			return err
		}
	}
	return nil
}

func sum(_ any, stream grpc.ServerStream) error {
	total := 0
	err := receiveAll(stream, func(request []byte) error {
		total += len(request)
		return nil
	})
	if err != nil {
		return err
	}
	answer := []byte(strconv.Itoa(total))
	return stream.SendMsg(&answer)
}

func chat(_ any, stream grpc.ServerStream) error {
	return receiveAll(stream, func(request []byte) error {
		answer := append([]byte("you said "), request...)
		return stream.SendMsg(&answer)
	})
}

func receiveAll(stream grpc.ServerStream, use func([]byte) error) error {
	for {
		var request []byte
		err := stream.RecvMsg(&request)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := use(request); err != nil {
			return err
		}
	}
}
