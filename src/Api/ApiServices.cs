using Countersign.Access;
using Countersign.Api.Limits;
using Countersign.Api.Idempotency;
using Countersign.Artifacts;
using Countersign.Composition;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Secrets;

namespace Countersign.Api;

/// <summary>What the endpoints call: the product over a host's stores and engine.</summary>
public sealed class ApiServices : IAsyncDisposable
{
    private readonly Lazy<RequestLimits> bounds;

    /// <summary>Puts together what the endpoints call.</summary>
    /// <param name="core">The product.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="linkKey">The key that links are signed with, at least 32 bytes.</param>
    public ApiServices(CoreServices core, IEngine engine, byte[] linkKey)
    {
        var (ledger, time) = (core.Parts.Ledger, core.Parts.Time);
        (Core, Engine) = (core, engine);
        Starts = core.Starts(engine);
        Commands = core.Commands(engine);
        Waits = core.Waits(engine);
        Locks = core.Locks(engine);
        Approvals = new Approvals(Waits);
        Submissions = new Submissions(Waits, core.Workflows, core.Values);
        Chat = new WaitChat(Waits, ledger, core.Values);
        Events = core.Events(engine);
        Inbox = new Inbox(ledger);
        var signed = new SignedText(linkKey);
        Links = new TaskLinks(signed, time);
        ArtifactLinks = new ArtifactLinks(signed, ledger, time);
        LinkMaking = new LinkMaking(Links, ledger);
        Uploads = new Uploads(ledger, core.Parts.Artifacts, time);
        Runs = new RunQueries(ledger);
        Standing = new RunStanding(ledger);
        Log = new LogReader(ledger);
        Tail = new LogTail(ledger, time);
        Readiness = new Readiness(ledger, time);
        Once = new AnsweredOnce(ledger, core.Values, time);
        Keys = new ApiKeys(ledger, time, linkKey);
        Refusals = new Refusals(ledger, time);
        bounds = new Lazy<RequestLimits>(() => new RequestLimits(Limits));
    }

    /// <summary>After which time an event stream ends, so that its reader comes back with its cursor; infinite by default. HTTP triggers of functions end at 230 s.</summary>
    public TimeSpan LongestStream { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How much one caller may ask.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>Keeps callers within <see cref="Limits"/>.</summary>
    internal RequestLimits Bounds => bounds.Value;

    /// <summary>Changes of the tenants' secrets; null for a host whose secrets are settings.</summary>
    public SecretChanges? Secrets { get; init; }

    /// <summary>The product.</summary>
    public CoreServices Core { get; }

    /// <summary>The engine.</summary>
    public IEngine Engine { get; }

    /// <summary>Starts runs.</summary>
    public RunStarts Starts { get; }

    /// <summary>Cancels, pauses and continues runs.</summary>
    public RunCommands Commands { get; }

    /// <summary>Lists runs.</summary>
    public RunQueries Runs { get; }

    /// <summary>Says what a run waits for.</summary>
    public RunStanding Standing { get; }

    /// <summary>Reads waits.</summary>
    public Waits Waits { get; }

    /// <summary>Reads locks.</summary>
    public Locks Locks { get; }

    /// <summary>Approvals.</summary>
    public Approvals Approvals { get; }

    /// <summary>Messages about approvals and forms.</summary>
    public WaitChat Chat { get; }

    /// <summary>Events for runs.</summary>
    public RunEvents Events { get; }

    /// <summary>Forms and events.</summary>
    public Submissions Submissions { get; }

    /// <summary>What waits for people.</summary>
    public Inbox Inbox { get; }

    /// <summary>Links by which people act without signing in.</summary>
    public TaskLinks Links { get; }

    /// <summary>Makes links and says so in the log.</summary>
    public LinkMaking LinkMaking { get; }

    /// <summary>Artifacts from outside.</summary>
    public Uploads Uploads { get; }

    /// <summary>Links to artifacts.</summary>
    public ArtifactLinks ArtifactLinks { get; }

    /// <summary>Reads and verifies the log.</summary>
    public LogReader Log { get; }

    /// <summary>Follows the log.</summary>
    public LogTail Tail { get; }

    /// <summary>Requests with an <c>Idempotency-Key</c>.</summary>
    internal AnsweredOnce Once { get; }

    /// <summary>API keys.</summary>
    public ApiKeys Keys { get; }

    /// <summary>Writes refusals to the log, within bounds.</summary>
    public Refusals Refusals { get; }

    /// <summary>Whether the host can serve.</summary>
    public Readiness Readiness { get; }

    /// <summary>Writes the refusals that were only counted so far.</summary>
    public async ValueTask DisposeAsync()
    {
        await Refusals.DisposeAsync();
        if (bounds.IsValueCreated)
        {
            bounds.Value.Dispose();
        }
    }
}
