// Command protos writes the API of Envoy as one gzip'd FileDescriptorSet: every file that the packages in
// imports.go register, and what those import. Comments and positions are not in it. The same modules give the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"sort"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	out := flag.String("o", "", "file to write")
	check := flag.String("check", "", "file to compare with instead of writing; exit status 1 on a difference")
	flag.Parse()
	if err := run(*out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "protos:", err)
		os.Exit(1)
	}
}

func run(out, check string) error {
	set := collect()
	plain, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return err
	}
	if check != "" {
		return compare(check, plain, len(set.File))
	}
	if out == "" {
		return fmt.Errorf("one of -o FILE and -check FILE is needed")
	}
	packed, err := compress(plain)
	if err != nil {
		return err
	}
	fmt.Printf("%d files, %d bytes, %d compressed\n", len(set.File), len(plain), len(packed))
	return os.WriteFile(out, packed, 0o644)
}

// collect lists the registered files, each after what it imports, by name where that leaves a choice.
func collect() *descriptorpb.FileDescriptorSet {
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	sort.Slice(files, func(a, b int) bool { return files[a].Path() < files[b].Path() })
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		described := protodesc.ToFileDescriptorProto(file)
		described.SourceCodeInfo = nil
		set.File = append(set.File, described)
	}
	for _, file := range files {
		add(file)
	}
	return set
}

// compress writes no name and no time into the header, so that the result depends on the input alone.
func compress(plain []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// compare looks at the uncompressed bytes: another version of Go may compress differently.
func compare(name string, want []byte, files int) error {
	stored, err := os.Open(name)
	if err != nil {
		return err
	}
	defer stored.Close()
	reader, err := gzip.NewReader(stored)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var have bytes.Buffer
	if _, err := have.ReadFrom(reader); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !bytes.Equal(have.Bytes(), want) {
		return fmt.Errorf("%s differs from the modules that go.mod pins: %d bytes stored, %d expected", name, have.Len(), len(want))
	}
	fmt.Printf("%s is up to date: %d files, %d bytes\n", name, files, len(want))
	return nil
}
