// Envoy Gateway's translator, as `egctl x translate --to ir` has it, for objects that this command does not read:
// ListenerSets, and of all objects the labels and the time at which they were made.
//
// A line of stdin is a JSON text: objects as a file of YAML has them. It is answered by a line of stdout: what `egctl` prints,
// as JSON, or `{"error": "..."}` when an object is refused, or the translator panics.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/internal/envoygateway"
	"github.com/envoyproxy/gateway/internal/gatewayapi"
	"github.com/envoyproxy/gateway/internal/gatewayapi/resource"
	"github.com/envoyproxy/gateway/internal/logging"
)

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = answers.Encode(answer(line))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

type refusal struct {
	Error string `json:"error"`
}

func answer(line []byte) (answered any) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answered = refusal{fmt.Sprint("panic: ", panicked)}
		}
	}()
	var objects string
	err := json.Unmarshal(line, &objects)
	if err != nil {
		return refusal{err.Error()}
	}
	resources, err := load([]byte(objects))
	if err != nil {
		return refusal{err.Error()}
	}
	// What is wrong with single objects stands in their status as well.
	translated, _ := translator(resources).Translate(resources)
	return translated
}

// translator has the options of egctl.
func translator(resources *resource.Resources) *gatewayapi.Translator {
	class := resources.GatewayClass
	return &gatewayapi.Translator{
		GatewayControllerName:   string(class.Spec.ControllerName),
		GatewayClassName:        gwapiv1.ObjectName(class.Name),
		GlobalRateLimitEnabled:  true,
		EndpointRoutingDisabled: true,
		EnvoyPatchPolicyEnabled: true,
		BackendEnabled:          true,
		Logger:                  logging.DefaultLogger(io.Discard, egv1a1.LogLevelInfo),
	}
}

// load reads what egctl reads, and what it leaves out.
func load(objects []byte) (*resource.Resources, error) {
	resources, err := resource.LoadResourcesFromYAMLBytes(objects, false, nil)
	if err != nil {
		return nil, err
	}
	written := map[string]metav1.Object{}
	err = resource.IterYAMLBytes(objects, func(text []byte) error {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(text, &object.Object); err != nil {
			return err
		}
		written[keyOf(object.GetKind(), object)] = object
		if object.GetKind() != resource.KindListenerSet {
			return nil
		}
		set, err := listenerSet(object)
		if err == nil && hasGateway(resources, set) {
			resources.ListenerSets = append(resources.ListenerSets, set)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	copyMetadata(resources, written)
	resources.Sort()
	return resources, nil
}

// listenerSet has the defaults of its CRD. It has been validated before.
func listenerSet(object *unstructured.Unstructured) (*gwapiv1.ListenerSet, error) {
	defaulted, err := resource.GetGatewaySchemaDefaulter().ApplyDefault(object)
	if err != nil {
		return nil, err
	}
	set := &gwapiv1.ListenerSet{}
	err = envoygateway.GetScheme().Convert(defaulted, set, nil)
	set.SetGroupVersionKind(object.GroupVersionKind())
	return set, err
}

// hasGateway is true for what a provider hands to the translator: it would accept a ListenerSet of no Gateway.
func hasGateway(resources *resource.Resources, set *gwapiv1.ListenerSet) bool {
	parent := set.Spec.ParentRef
	namespace := gwapiv1.Namespace(set.Namespace)
	if parent.Namespace != nil {
		namespace = *parent.Namespace
	}
	return slices.ContainsFunc(resources.Gateways, func(gateway *gwapiv1.Gateway) bool {
		return gateway.Namespace == string(namespace) && gateway.Name == string(parent.Name)
	})
}

// copyMetadata gives objects the labels and times that they have in the file.
func copyMetadata(resources *resource.Resources, written map[string]metav1.Object) {
	give(written, resource.KindNamespace, resources.Namespaces)
	give(written, resource.KindGateway, resources.Gateways)
	give(written, resource.KindHTTPRoute, resources.HTTPRoutes)
	give(written, resource.KindGRPCRoute, resources.GRPCRoutes)
	give(written, resource.KindTLSRoute, resources.TLSRoutes)
	give(written, resource.KindTCPRoute, resources.TCPRoutes)
	give(written, resource.KindUDPRoute, resources.UDPRoutes)
	give(written, resource.KindBackendTLSPolicy, resources.BackendTLSPolicies)
}

func give[T metav1.Object](written map[string]metav1.Object, kind string, objects []T) {
	for _, object := range objects {
		// The reader adds namespaces that nobody wrote.
		if from, ok := written[keyOf(kind, object)]; ok {
			object.SetLabels(from.GetLabels())
			object.SetCreationTimestamp(from.GetCreationTimestamp())
		}
	}
}

func keyOf(kind string, object metav1.Object) string {
	return kind + " " + object.GetNamespace() + "/" + object.GetName()
}
