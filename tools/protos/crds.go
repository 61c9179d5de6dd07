package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"sigs.k8s.io/gateway-api/pkg/consts"
	"sigs.k8s.io/yaml"
)

// A bundle is what packages/gateway/crds/gateway-api.json.gz holds.
type bundle struct {
	BundleVersion string     `json:"bundleVersion"`
	Channel       string     `json:"channel"`
	Kinds         []kindInfo `json:"kinds"`
}

type kindInfo struct {
	Group    string        `json:"group"`
	Kind     string        `json:"kind"`
	Plural   string        `json:"plural"`
	Scope    string        `json:"scope"`
	Versions []versionInfo `json:"versions"`
}

// A version has a schema, or the name of an earlier version of its kind that has the same one.
type versionInfo struct {
	Name               string          `json:"name"`
	Storage            bool            `json:"storage,omitempty"`
	Deprecated         bool            `json:"deprecated,omitempty"`
	DeprecationWarning string          `json:"deprecationWarning,omitempty"`
	SameAs             string          `json:"sameAs,omitempty"`
	Schema             json.RawMessage `json:"schema,omitempty"`
}

type crd struct {
	Kind     string
	Metadata struct{ Annotations map[string]string }
	Spec     struct {
		Group    string
		Scope    string
		Names    struct{ Kind, Plural string }
		Versions []struct {
			Name, DeprecationWarning    string
			Served, Storage, Deprecated bool
			Schema                      struct{ OpenAPIV3Schema any }
		}
	}
}

// collectCRDs reads every CustomResourceDefinition in a directory: all served versions, without descriptions.
func collectCRDs(dir string) ([]byte, int, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, 0, err
	}
	found := bundle{BundleVersion: consts.BundleVersion, Channel: filepath.Base(dir)}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, 0, err
		}
		for _, document := range bytes.Split(text, []byte("\n---\n")) {
			var definition crd
			if err := yaml.Unmarshal(document, &definition); err != nil {
				return nil, 0, fmt.Errorf("%s: %w", name, err)
			}
			if definition.Kind != "CustomResourceDefinition" {
				continue
			}
			info, err := kindOf(definition)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", name, err)
			}
			found.Kinds = append(found.Kinds, info)
		}
	}
	if len(found.Kinds) == 0 {
		return nil, 0, fmt.Errorf("no CustomResourceDefinition in %q", dir)
	}
	sort.Slice(found.Kinds, func(a, b int) bool {
		left, right := found.Kinds[a], found.Kinds[b]
		return left.Group+"/"+left.Kind < right.Group+"/"+right.Kind
	})
	plain, err := marshal(found)
	return plain, len(found.Kinds), err
}

func kindOf(definition crd) (kindInfo, error) {
	spec := definition.Spec
	info := kindInfo{Group: spec.Group, Kind: spec.Names.Kind, Plural: spec.Names.Plural, Scope: spec.Scope}
	bundleVersion := definition.Metadata.Annotations["gateway.networking.k8s.io/bundle-version"]
	if bundleVersion != consts.BundleVersion {
		return info, fmt.Errorf("bundle version %q, expected %q", bundleVersion, consts.BundleVersion)
	}
	for _, version := range spec.Versions {
		if !version.Served {
			continue
		}
		schema, err := marshal(withoutDescriptions(version.Schema.OpenAPIV3Schema))
		if err != nil {
			return info, err
		}
		next := versionInfo{
			Name:               version.Name,
			Storage:            version.Storage,
			Deprecated:         version.Deprecated,
			DeprecationWarning: version.DeprecationWarning,
			Schema:             schema,
		}
		for _, earlier := range info.Versions {
			if bytes.Equal(earlier.Schema, schema) {
				next.SameAs, next.Schema = earlier.Name, nil
				break
			}
		}
		info.Versions = append(info.Versions, next)
	}
	return info, nil
}

// withoutDescriptions drops the texts of a schema; a property that is named description stays.
func withoutDescriptions(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, item := range value {
			if _, isText := item.(string); key == "description" && isText {
				continue
			}
			kept[key] = withoutDescriptions(item)
		}
		return kept
	case []any:
		for i, item := range value {
			value[i] = withoutDescriptions(item)
		}
	}
	return value
}

// marshal writes compact JSON with sorted keys, and <, > and & as they are.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text.Bytes()), nil
}
