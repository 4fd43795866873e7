namespace Nixery.Pulls;

/// <summary>The limits and the policy in force; whoever runs the registry may change them while it runs.</summary>
public sealed class PullRules
{
    private volatile LimitOptions _limits;
    private volatile PackageRules _packages;

    public PullRules(LimitOptions limits, PolicyOptions policy)
    {
        _limits = limits;
        _packages = new PackageRules(policy);
    }

    public LimitOptions Limits => _limits;

    internal PackageRules Packages => _packages;

    public void Change(LimitOptions limits) => _limits = limits;

    public void Change(PolicyOptions policy) => _packages = new PackageRules(policy);
}
