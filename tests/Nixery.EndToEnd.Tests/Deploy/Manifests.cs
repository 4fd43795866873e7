using k8s;
using k8s.Models;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd.Deploy;

/// <summary>
/// What an overlay of deploy/kubernetes comes to by kustomize, read into the types of Kubernetes' own client: a field that a kind does not
/// have, or a value of another type, is an exception.
/// </summary>
internal sealed class Manifests
{
    private static readonly Dictionary<string, Type> OtherKinds = new() { ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor) };

    private readonly List<object> _objects;

    private Manifests(string yaml) => _objects = KubernetesYaml.LoadAllFromString(yaml, OtherKinds, strict: true);

    public IEnumerable<IKubernetesObject<V1ObjectMeta>> All => _objects.Cast<IKubernetesObject<V1ObjectMeta>>();

    public V1Deployment Deployment => The<V1Deployment>();

    public V1PodSpec Pod => Deployment.Spec.Template.Spec;

    public V1Container Container => Pod.Containers.Should().ContainSingle().Which;

    public IDictionary<string, string> PodLabels => Deployment.Spec.Template.Metadata.Labels;

    /// <param name="debian">Has kustomize.</param>
    /// <param name="overlay">A folder of deploy/kubernetes.</param>
    /// <param name="components">Folders of deploy/kubernetes/components that are put upon it, as docs/run.md says.</param>
    public static async Task<Manifests> RenderAsync(Debian13 debian, string overlay, params IEnumerable<string> components)
    {
        using var folder = new TemporaryFolder();
        (await Programs.RunAsync("cp", "-r", Checkout.PathOf("deploy/kubernetes"), folder.Inner("kubernetes"))).Succeeded();
        Directory.CreateDirectory(folder.Inner("kubernetes/mine"));
        folder.Write("kubernetes/mine/kustomization.yaml", $"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources: [../{overlay}]
            components: [{string.Join(", ", components.Select(c => $"../components/{c}"))}]
            """);
        var ran = await debian.RunInAsync(folder.Inner("kubernetes"), new Dictionary<string, string?>(), "kubectl", "kustomize", "mine");
        return new Manifests(ran.Succeeded().Output);
    }

    public static Manifests Read(string file) => new(Checkout.Read(file));

    public T The<T>() => Every<T>().Should().ContainSingle().Which;

    public IEnumerable<T> Every<T>() => _objects.OfType<T>();
}

/// <summary>The Prometheus operator's kind, as far as it is used here.</summary>
internal sealed record ServiceMonitor : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public MonitorSpec Spec { get; set; } = new();
}

internal sealed record MonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public List<MonitorEndpoint> Endpoints { get; set; } = [];
}

internal sealed record MonitorEndpoint
{
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";

    public string Interval { get; set; } = "";
}
