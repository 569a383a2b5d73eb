using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Access.Reviews;

/// <summary>Answers the kinds that are only asked, never stored: who am I, may he, what may I, whose token is this.</summary>
internal sealed class Reviews(Writes writes, AccessReviews access, TokenReviews tokens, TimeProvider clock)
{
    private const string Authentication = "authentication.k8s.io";
    private const string Authorization = "authorization.k8s.io";

    /// <summary>POST of a review.</summary>
    public async ValueTask<ObjectAnswer> AnswerAsync(WriteRequest request, Body body)
    {
        var type = request.Served.Type;
        var obj = writes.Reviewed(request, body);
        if ((type.Group, type.Kind) is (Authentication, "TokenReview") or (Authorization, not "SelfSubjectRulesReview"))
        {
            writes.Own(request, obj);
        }

        obj = await writes.AdmitSentAsync(request, obj);
        switch (type.Group, type.Kind)
        {
            case (Authentication, "SelfSubjectReview"):
                await writes.CheckSentAsync(request, obj);
                obj = WhoAmI(type, request.User);
                break;
            case (Authentication, "TokenReview"):
                TokenReviews.Check(obj);
                await writes.CheckSentAsync(request, obj);
                tokens.Review(obj);
                break;
            case (Authorization, "SelfSubjectRulesReview"):
                AccessReviews.CheckNamespace(obj);
                await writes.CheckSentAsync(request, obj);
                access.Rules(obj, request.User);
                break;
            case (Authorization, _):
                AccessReviews.Check(request, obj);
                await writes.CheckSentAsync(request, obj);
                access.Review(request, obj);
                break;
            default:
                throw ApiError.MethodNotAllowed();
        }

        return new ObjectAnswer(201, null, ObjectBytes.Of(obj));
    }

    /// <summary>POST of <c>serviceaccounts/token</c>.</summary>
    public async ValueTask<ObjectAnswer> IssueTokenAsync(WriteRequest request, Body body) => new(201, null, ObjectBytes.Of(await tokens.IssueAsync(request, body, writes)));

    /// <summary>A user as reviews show him.</summary>
    public static JsonObject UserOf(UserInfo user)
    {
        var json = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            json["uid"] = user.Uid;
        }

        json["groups"] = Texts(user.Groups);
        if (user.Extra.Count > 0)
        {
            json["extra"] = new JsonObject(user.Extra.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)Texts(e.Value))));
        }

        return json;
    }

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];

    private JsonObject WhoAmI(ResourceType type, UserInfo user) => new()
    {
        ["kind"] = type.Kind,
        ["apiVersion"] = type.ApiVersion,
        ["metadata"] = new JsonObject { ["creationTimestamp"] = KubeTime.Format(clock.GetUtcNow()) },
        ["status"] = new JsonObject { ["userInfo"] = UserOf(user) },
    };
}
