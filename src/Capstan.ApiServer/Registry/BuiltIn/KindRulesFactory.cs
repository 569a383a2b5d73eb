using Capstan.ApiServer.Access;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Roles;
using Capstan.ApiServer.Registry.BuiltIn.Services;
using Capstan.ApiServer.Registry.BuiltIn.Workloads;
using Capstan.ApiServer.Registry.CustomResources;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Gives each built-in kind its rules. What is not named here has those that all kinds share, and the defaults of <see cref="SimpleDefaults"/>.</summary>
/// <param name="addresses">Cluster addresses and node ports.</param>
/// <param name="authorization">Who may do what: roles are given by those only who have them.</param>
/// <param name="clock">Tells the time of changes of phases.</param>
internal sealed class KindRulesFactory(ServiceAddresses addresses, Authorization authorization, TimeProvider clock)
{
    /// <summary>Makes the rules of a kind.</summary>
    public KindRules Create(ResourceType type, Schema schema, bool hasStatus) => (type.Group, type.Kind) switch
    {
        ("", "ConfigMap") => new ConfigMapRules(type, schema, hasStatus),
        ("" or "events.k8s.io", "Event") => new EventRules(type, schema, hasStatus),
        ("", "Namespace") => new NamespaceRules(type, schema, hasStatus),
        ("", "PersistentVolume") => new VolumeRules(type, schema, hasStatus, clock),
        ("", "PersistentVolumeClaim") => new ClaimRules(type, schema, hasStatus),
        ("", "Pod") => new PodRules(type, schema, hasStatus),
        ("", "PodTemplate") => new PodTemplateRules(type, schema, hasStatus),
        ("", "ReplicationController") => new ReplicationControllerRules(type, schema, hasStatus),
        ("", "Secret") => new SecretRules(type, schema, hasStatus),
        ("", "ServiceAccount") => new ServiceAccountRules(type, schema, hasStatus),
        ("", "Service") => new ServiceRules(type, schema, hasStatus, addresses),
        ("", "Node") => new SelectableRules(type, schema, hasStatus, new() { ["spec.unschedulable"] = o => o.Flag("spec", "unschedulable") == true ? "true" : "false" }),
        ("certificates.k8s.io", "CertificateSigningRequest") => new SelectableRules(type, schema, hasStatus, new() { ["spec.signerName"] = o => o.Text("spec", "signerName") ?? "" }),
        ("apps", "ControllerRevision") => new ControllerRevisionRules(type, schema, hasStatus),
        ("apps", "DaemonSet") => new DaemonSetRules(type, schema, hasStatus),
        ("apps", "Deployment") => new DeploymentRules(type, schema, hasStatus),
        ("apps", "ReplicaSet") => new ReplicaSetRules(type, schema, hasStatus),
        ("apps", "StatefulSet") => new StatefulSetRules(type, schema, hasStatus),
        ("autoscaling", "HorizontalPodAutoscaler") when type.Version == "v1" => new OldAutoscalerRules(type, schema, hasStatus),
        ("batch", "CronJob") => new CronJobRules(type, schema, hasStatus),
        ("batch", "Job") => new JobRules(type, schema, hasStatus),
        ("scheduling.k8s.io", "PriorityClass") => new PriorityClassRules(type, schema, hasStatus),
        ("rbac.authorization.k8s.io", "Role" or "ClusterRole") => new RoleRules(type, schema, hasStatus, authorization),
        ("rbac.authorization.k8s.io", "RoleBinding" or "ClusterRoleBinding") => new RoleBindingRules(type, schema, hasStatus, authorization),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration") => new WebhookConfigurationRules(type, schema, hasStatus),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => new ValidatingPolicyRules(type, schema, hasStatus),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding") => new PolicyBindingRules(type, schema, hasStatus),
        ("apiregistration.k8s.io", "APIService") => new ApiServiceRules(type, schema, hasStatus),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => new DefinitionRules(type, schema, hasStatus),
        _ => new BuiltInRules(type, schema, hasStatus),
    };
}
