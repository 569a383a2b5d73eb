using Microsoft.Extensions.Logging;

namespace Capstan.Diagnostics;

/// <summary>Every log line of the runtime. Ids are stable: people filter by them. Hundreds by folder: 1 Client, 2 Watching, 3 Caching, 4 Applying,
/// 5 Controllers, 6 Election, 7 Webhooks, 8 Hosting.</summary>
internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Warning, "Events are dropped: more than {Capacity} wait to be written")]
    public static partial void EventsDropped(ILogger logger, int capacity);

    [LoggerMessage(402, LogLevel.Debug, "Event {Reason} of {Object} was not written")]
    public static partial void EventNotWritten(ILogger logger, string reason, string @object, Exception exception);

    [LoggerMessage(501, LogLevel.Information, "Starting controller {Controller} with {Workers} workers")]
    public static partial void ControllerStarting(ILogger logger, string controller, int workers);

    [LoggerMessage(502, LogLevel.Debug, "Reconciling {Controller} {Object} ({Priority}, run {ReconcileId})")]
    public static partial void Reconciling(ILogger logger, string controller, ObjectKey @object, string priority, ReconcileId reconcileId);

    [LoggerMessage(503, LogLevel.Error, "Reconcile of {Controller} {Object} failed; again after its backoff (failure {Failure}, run {ReconcileId})")]
    public static partial void ReconcileFailed(ILogger logger, string controller, ObjectKey @object, int failure, ReconcileId reconcileId, Exception exception);

    [LoggerMessage(514, LogLevel.Error, "Reconcile of {Controller} {Object} failed: {Why}; again after its backoff (failure {Failure}, run {ReconcileId})")]
    public static partial void ReconcileRefused(ILogger logger, string controller, ObjectKey @object, string why, int failure, ReconcileId reconcileId);

    [LoggerMessage(504, LogLevel.Error, "Reconcile of {Controller} {Object} failed for good; it waits for a change (run {ReconcileId})")]
    public static partial void ReconcileFailedForGood(ILogger logger, string controller, ObjectKey @object, ReconcileId reconcileId, Exception exception);

    [LoggerMessage(505, LogLevel.Error, "Reconcile of {Controller} {Object} took longer than {Timeout} and was cancelled; again after its backoff (run {ReconcileId})")]
    public static partial void ReconcileTimedOut(ILogger logger, string controller, ObjectKey @object, TimeSpan timeout, ReconcileId reconcileId);

    [LoggerMessage(506, LogLevel.Critical, "Reconcile of {Controller} {Object} met a bug in the program; again after its backoff (run {ReconcileId})")]
    public static partial void ReconcilePanicked(ILogger logger, string controller, ObjectKey @object, ReconcileId reconcileId, Exception exception);

    [LoggerMessage(507, LogLevel.Debug, "Reconciled {Controller} {Object}: {Result} (run {ReconcileId})")]
    public static partial void Reconciled(ILogger logger, string controller, ObjectKey @object, string result, ReconcileId reconcileId);

    [LoggerMessage(508, LogLevel.Error, "A filter or mapping of controller {Controller} threw for {Object}; the change is not seen by it")]
    public static partial void HandlerFailed(ILogger logger, string controller, string @object, Exception exception);

    [LoggerMessage(509, LogLevel.Debug, "Reconciling {Controller} {Object} (in a batch, group {Group}, run {ReconcileId})")]
    public static partial void ReconcilingInBatch(ILogger logger, string controller, ObjectKey @object, string group, ReconcileId reconcileId);

    [LoggerMessage(510, LogLevel.Error, "The rate limiter of controller {Controller} threw for {Object}; it runs again after {Delay}")]
    public static partial void RateLimiterFailed(ILogger logger, string controller, ObjectKey @object, TimeSpan delay, Exception exception);

    [LoggerMessage(601, LogLevel.Information, "Waiting to become the leader of {Lease} as {Identity}")]
    public static partial void ElectionStarted(ILogger logger, string lease, string identity);

    [LoggerMessage(602, LogLevel.Information, "Became the leader of {Lease} as {Identity}")]
    public static partial void BecameLeader(ILogger logger, string lease, string identity);

    [LoggerMessage(603, LogLevel.Information, "The leader of {Lease} is {Holder}")]
    public static partial void LeaderSeen(ILogger logger, string lease, string holder);

    [LoggerMessage(604, LogLevel.Warning, "Lease {Lease} could not be read or written: {Reason}")]
    public static partial void LeaseFailed(ILogger logger, string lease, string reason);

    [LoggerMessage(605, LogLevel.Error, "Lost the leadership of {Lease}: {Reason}")]
    public static partial void LostLeadership(ILogger logger, string lease, string reason);

    [LoggerMessage(606, LogLevel.Information, "Released {Lease}")]
    public static partial void LeaseReleased(ILogger logger, string lease);

    [LoggerMessage(607, LogLevel.Information, "Joining the replicas of {Group} as {Member}")]
    public static partial void ShardJoining(ILogger logger, string group, string member);

    [LoggerMessage(608, LogLevel.Information, "The keys of {Group} are shared by {Count} replicas: {Members}")]
    public static partial void ShardMembers(ILogger logger, string group, int count, string members);

    [LoggerMessage(609, LogLevel.Error, "Lost the membership in {Group}: {Running} runs are cancelled, and it is joined again once they have ended")]
    public static partial void ShardLapsed(ILogger logger, string group, int running);

    [LoggerMessage(610, LogLevel.Information, "Deleted Lease {Member} of a replica that is gone")]
    public static partial void ShardCleanedUp(ILogger logger, string member);

    [LoggerMessage(611, LogLevel.Information, "Keys of this replica changed: {Gained} came, {Lost} went")]
    public static partial void KeysMoved(ILogger logger, int gained, int lost);

    [LoggerMessage(612, LogLevel.Critical, "The process ends: {Reason}")]
    public static partial void ProcessEnds(ILogger logger, string reason);

    [LoggerMessage(701, LogLevel.Information, "Serving the certificate of {Directory}: {Subject}, valid until {NotAfter}")]
    public static partial void CertificateRead(ILogger logger, string directory, string subject, DateTime notAfter);

    [LoggerMessage(702, LogLevel.Error, "The certificate in {Directory} cannot be used, the one before it is still served: {Reason}")]
    public static partial void CertificateKept(ILogger logger, string directory, string reason);

    [LoggerMessage(703, LogLevel.Warning, "Directory {Directory} cannot be watched, it is only read every ten seconds: {Reason}")]
    public static partial void CertificatesNotWatched(ILogger logger, string directory, string reason);

    [LoggerMessage(704, LogLevel.Warning, "Webhook {Path} did not decide within {Timeout}")]
    public static partial void AdmissionTimedOut(ILogger logger, string path, TimeSpan timeout);

    [LoggerMessage(705, LogLevel.Warning, "Webhook {Path} refused a request because the API server answered it with an error")]
    public static partial void AdmissionFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(706, LogLevel.Error, "Webhook {Path} met a bug in the program; the request is refused")]
    public static partial void AdmissionPanicked(ILogger logger, string path, Exception exception);

    [LoggerMessage(707, LogLevel.Warning, "Webhook {Path} went on after its deadline, and failed")]
    public static partial void AdmissionEndedLate(ILogger logger, string path, Exception exception);

    [LoggerMessage(708, LogLevel.Debug, "A request to webhook {Path} was given up: {Reason}")]
    public static partial void AdmissionAbandoned(ILogger logger, string path, string reason);

    [LoggerMessage(719, LogLevel.Error, "Webhook {Path} met a bug in the program at {Object}; nothing of the review is converted")]
    public static partial void ConversionPanicked(ILogger logger, string path, string @object, Exception exception);

    [LoggerMessage(720, LogLevel.Warning, "Webhook {Path} was asked before its caches are complete: {Missing}")]
    public static partial void AdmissionTooEarly(ILogger logger, string path, string missing);

    [LoggerMessage(709, LogLevel.Information, "Serving webhooks with the certificate of Secret {Secret}, valid until {NotAfter}")]
    public static partial void CertificateAdopted(ILogger logger, string secret, DateTime notAfter);

    [LoggerMessage(710, LogLevel.Information, "A new certificate stands in Secret {Secret}; it is served once its authority has been known for {Overlap}")]
    public static partial void CertificateRenewing(ILogger logger, string secret, TimeSpan overlap);

    [LoggerMessage(711, LogLevel.Error, "Secret {Secret} holds no certificate that can be served, and is written anew: {Reason}")]
    public static partial void CertificateSecretSpoilt(ILogger logger, string secret, string reason);

    [LoggerMessage(712, LogLevel.Information, "The caBundle of {Configuration} is now that of Secret {Secret}")]
    public static partial void BundlePublished(ILogger logger, string configuration, string secret);

    [LoggerMessage(713, LogLevel.Warning, "The webhooks' certificate could not be kept current; again in {Wait}: {Reason}")]
    public static partial void CertificateUpkeepFailed(ILogger logger, TimeSpan wait, string reason);

    [LoggerMessage(714, LogLevel.Warning, "{Configuration} lets requests pass unseen while no replica answers: webhook {Webhook} has failurePolicy Ignore")]
    public static partial void WebhookFailsOpen(ILogger logger, string configuration, string webhook);

    [LoggerMessage(715, LogLevel.Warning, "{Configuration} may keep this operator from starting again: webhook {Webhook} is asked about {Resource} in the operator's own namespace {Namespace}; exclude it with a namespaceSelector")]
    public static partial void WebhookGuardsItself(ILogger logger, string configuration, string webhook, string resource, string @namespace);

    [LoggerMessage(801, LogLevel.Information, "Starting {Operator}")]
    public static partial void OperatorStarting(ILogger logger, string @operator);

    [LoggerMessage(802, LogLevel.Information, "Serving {Paths} on {Url}")]
    public static partial void Serving(ILogger logger, string paths, string url);

    [LoggerMessage(803, LogLevel.Information, "Informer of {Resource} is in sync: {Scope}, {Count} objects")]
    public static partial void InformerSynced(ILogger logger, string resource, string scope, int count);

    [LoggerMessage(804, LogLevel.Information, "{Operator} is in sync and running")]
    public static partial void OperatorRunning(ILogger logger, string @operator);

    [LoggerMessage(805, LogLevel.Information, "Stopping {Operator}: waiting at most {Timeout} for {Running} runs under way")]
    public static partial void OperatorStopping(ILogger logger, string @operator, TimeSpan timeout, int running);

    [LoggerMessage(806, LogLevel.Warning, "{Running} runs were still under way after {Timeout} and were cancelled")]
    public static partial void RunsCancelled(ILogger logger, int running, TimeSpan timeout);

    [LoggerMessage(807, LogLevel.Information, "{Operator} has stopped")]
    public static partial void OperatorStopped(ILogger logger, string @operator);

    [LoggerMessage(808, LogLevel.Error, "A request for {Path} could not be judged: {Reason}")]
    public static partial void ReviewFailed(ILogger logger, string path, string reason);

    [LoggerMessage(809, LogLevel.Debug, "A bearer token was refused: {Reason}")]
    public static partial void TokenRefused(ILogger logger, string reason);

    [LoggerMessage(810, LogLevel.Warning, "{Lost} spans did not reach {Url}: {Reason}")]
    public static partial void SpansLost(ILogger logger, int lost, string url, string reason);
}
