using k8s.Models;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd.Deploy;

/// <summary>deploy/kubernetes, as kustomize puts it together: each overlay alone, and with the components of docs/run.md.</summary>
public sealed class KubernetesTests(Debian13 debian) : IClassFixture<Debian13>
{
    private const int Limit = 180_000;
    private const string Name = "nixery";

    public static TheoryData<string, string[]> Ways => new()
    {
        { "one", [] },
        { "one", ["node-port"] },
        { "bucket", [] },
        { "bucket", ["ingress", "node-port", "service-monitor"] },
        { "bucket", ["openshift", "ingress"] },
    };

    /// <summary>https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, each of its controls.</summary>
    [Theory(Timeout = Limit)]
    [MemberData(nameof(Ways))]
    public async Task A_pod_holds_to_the_restricted_standard_which_its_namespace_demands(string overlay, string[] components)
    {
        var manifests = await Manifests.RenderAsync(debian, overlay, components);

        manifests.The<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"].Should().Be("restricted");
        ShouldBeRestricted(manifests.Pod);
        manifests.Container.SecurityContext.ReadOnlyRootFilesystem.Should().BeTrue();
        manifests.Container.VolumeMounts.Should().ContainSingle().Which.MountPath.Should().Be("/nix");
        manifests.Pod.AutomountServiceAccountToken.Should().BeFalse();
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Ways))]
    public async Task Names_ports_and_selectors_fit_together(string overlay, string[] components)
    {
        var manifests = await Manifests.RenderAsync(debian, overlay, components);

        manifests.Deployment.Metadata.Name.Should().Be(Name);
        manifests.Deployment.Spec.Selector.MatchLabels.Should().BeSubsetOf(manifests.PodLabels);
        manifests.Pod.ServiceAccountName.Should().Be(manifests.The<V1ServiceAccount>().Metadata.Name);
        manifests.All.Where(o => o is not V1Namespace).Should().OnlyContain(o => o.Metadata.NamespaceProperty == Name);
        var port = manifests.Container.Ports.Should().ContainSingle().Which;
        manifests.Container.Env.Single(e => e.Name == "PORT").Value.Should().Be(port.ContainerPort.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var service in manifests.Every<V1Service>())
        {
            service.Spec.Selector.Should().NotBeEmpty().And.BeSubsetOf(manifests.PodLabels);
            service.Spec.Ports.Should().ContainSingle().Which.TargetPort.Value.Should().Be(port.Name);
        }

        foreach (var probe in new[] { manifests.Container.StartupProbe, manifests.Container.LivenessProbe, manifests.Container.ReadinessProbe })
        {
            probe.HttpGet.Port.Value.Should().Be(port.Name);
        }

        var policy = manifests.The<V1NetworkPolicy>().Spec;
        policy.PodSelector.MatchLabels.Should().NotBeEmpty().And.BeSubsetOf(manifests.PodLabels);
        policy.Ingress.SelectMany(i => i.Ports).Should().ContainSingle().Which.Port.Value.Should().Be(port.Name);
        manifests.Container.EnvFrom[0].ConfigMapRef.Name.Should().Be(manifests.The<V1ConfigMap>().Metadata.Name);
    }

    [Fact(Timeout = Limit)]
    public async Task One_server_keeps_its_volume_to_itself()
    {
        var manifests = await Manifests.RenderAsync(debian, "one");

        manifests.Deployment.Spec.Replicas.Should().Be(1);
        manifests.Deployment.Spec.Strategy.Type.Should().Be("Recreate", "two pods on one volume would share a Nix store");
        manifests.Pod.Volumes.Should().ContainSingle().Which.PersistentVolumeClaim.ClaimName.Should().Be(manifests.The<V1PersistentVolumeClaim>().Metadata.Name);
        manifests.The<V1ConfigMap>().Data["NIXERY_STORAGE_BACKEND"].Should().Be("filesystem");
        manifests.Every<V2HorizontalPodAutoscaler>().Should().BeEmpty();
        manifests.Every<V1PodDisruptionBudget>().Should().BeEmpty("a node with the only pod could never be drained");
    }

    [Fact(Timeout = Limit)]
    public async Task Several_servers_share_a_bucket_and_nothing_else()
    {
        var manifests = await Manifests.RenderAsync(debian, "bucket");

        manifests.The<V1ConfigMap>().Data["NIXERY_STORAGE_BACKEND"].Should().Be("s3");
        manifests.Pod.Volumes.Should().ContainSingle().Which.EmptyDir.Should().NotBeNull();
        manifests.Deployment.Spec.Replicas.Should().BeNull("the autoscaler says how many, and an apply must not");
        var scaler = manifests.The<V2HorizontalPodAutoscaler>().Spec;
        scaler.MinReplicas.Should().BeGreaterThanOrEqualTo(2);
        (scaler.ScaleTargetRef.ApiVersion, scaler.ScaleTargetRef.Kind, scaler.ScaleTargetRef.Name).Should().Be(("apps/v1", "Deployment", Name));
        manifests.The<V1PodDisruptionBudget>().Spec.Selector.MatchLabels.Should().NotBeEmpty().And.BeSubsetOf(manifests.PodLabels);
    }

    [Fact(Timeout = Limit)]
    public async Task A_recipe_leads_to_the_service_it_names()
    {
        var manifests = await Manifests.RenderAsync(debian, "bucket", "ingress", "node-port", "service-monitor");

        var service = manifests.Every<V1Service>().Single(s => s.Metadata.Name == Name);
        var ingress = manifests.The<V1Ingress>().Spec;
        ingress.Tls.Single().Hosts.Should().Equal(ingress.Rules.Single().Host);
        var backend = ingress.Rules.Single().Http.Paths.Single().Backend.Service;
        (backend.Name, backend.Port.Name).Should().Be((service.Metadata.Name, service.Spec.Ports[0].Name));
        var monitor = manifests.The<ServiceMonitor>().Spec;
        monitor.Selector.MatchLabels.Should().BeSubsetOf(service.Metadata.Labels);
        monitor.Endpoints.Single().Port.Should().Be(service.Spec.Ports[0].Name);

        var nodes = manifests.Every<V1Service>().Single(s => s.Spec.Type == "NodePort").Spec.Ports[0].NodePort;
        foreach (var file in new[] { "hosts.toml", "registries.yaml", "example-pod.yaml" })
        {
            Checkout.Read($"deploy/nodes/{file}").Should().MatchRegex($"(127\\.0\\.0\\.1|localhost):{nodes}\\b", file);
        }
    }

    [Fact]
    public void The_example_pod_is_restricted_too() =>
        ShouldBeRestricted(Manifests.Read("deploy/nodes/example-pod.yaml").The<V1Pod>().Spec);

    private static void ShouldBeRestricted(V1PodSpec pod)
    {
        pod.SecurityContext.RunAsNonRoot.Should().BeTrue();
        pod.SecurityContext.RunAsUser.Should().NotBe(0);
        pod.SecurityContext.SeccompProfile.Type.Should().Be("RuntimeDefault");
        (pod.HostNetwork, pod.HostPID, pod.HostIPC).Should().Be((null, null, null));
        pod.Volumes?.Should().OnlyContain(v => v.EmptyDir != null || v.PersistentVolumeClaim != null || v.ConfigMap != null || v.Secret != null);
        foreach (var container in pod.Containers.Concat(pod.InitContainers ?? []))
        {
            container.SecurityContext.AllowPrivilegeEscalation.Should().BeFalse();
            container.SecurityContext.Capabilities.Drop.Should().Equal("ALL");
            container.SecurityContext.Capabilities.Add.Should().BeNull();
            container.SecurityContext.Privileged.Should().BeNull();
            container.Ports?.Should().OnlyContain(p => p.HostPort == null);
        }
    }
}
