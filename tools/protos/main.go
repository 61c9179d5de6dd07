// Command protos writes two files. The API of Envoy as one gzip'd FileDescriptorSet: every file that the packages in
// imports.go register, and what those import. And the CustomResourceDefinitions of the Gateway API as gzip'd JSON.
// Comments, positions and descriptions are not in them. The same modules give the same bytes.
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
	check := flag.Bool("check", false, "compare with the files instead of writing them; exit status 1 on a difference")
	set := flag.String("set", "", "file of the descriptor set")
	crds := flag.String("crds", "", "file of the CustomResourceDefinitions")
	crdDir := flag.String("crd-dir", "", "directory of the CustomResourceDefinitions as YAML")
	flag.Parse()
	if err := run(*set, *crds, *crdDir, *check); err != nil {
		fmt.Fprintln(os.Stderr, "protos:", err)
		os.Exit(1)
	}
}

func run(setName, crdsName, crdDir string, check bool) error {
	if setName == "" || crdsName == "" || crdDir == "" {
		return fmt.Errorf("-set FILE, -crds FILE and -crd-dir DIR are needed")
	}
	set := collect()
	descriptors, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return err
	}
	crds, kinds, err := collectCRDs(crdDir)
	if err != nil {
		return err
	}
	keep := write
	if check {
		keep = compare
	}
	if err := keep(setName, descriptors, fmt.Sprintf("%d files", len(set.File))); err != nil {
		return err
	}
	return keep(crdsName, crds, fmt.Sprintf("%d kinds", kinds))
}

func write(name string, plain []byte, count string) error {
	packed, err := compress(plain)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s, %d bytes, %d compressed\n", name, count, len(plain), len(packed))
	return os.WriteFile(name, packed, 0o644)
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
func compare(name string, want []byte, count string) error {
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
	fmt.Printf("%s is up to date: %s, %d bytes\n", name, count, len(want))
	return nil
}
