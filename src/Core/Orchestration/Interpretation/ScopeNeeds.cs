using System.Runtime.CompilerServices;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>Which names a step's templates refer to, so that a call carries no more than those.</summary>
internal sealed class ScopeNeeds
{
    private static readonly ConditionalWeakTable<object, ScopeNeeds> Known = [];

    private ScopeNeeds(IEnumerable<Template> templates)
    {
        foreach (var reference in templates.SelectMany(template => template.Expressions).SelectMany(expression => expression.References))
        {
            Add([.. reference.Path]);
        }
    }

    public bool Input { get; private set; }

    public bool Profile { get; private set; }

    public bool Item { get; private set; }

    public bool AllRuntime { get; private set; }

    public SortedSet<string> Steps { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Errors { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Runtime { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether nothing is referred to that differs from run to run but its id and its start.</summary>
    public bool IsNone => !Input && !Profile && !Item && !AllRuntime && Steps.Count + Errors.Count + Runtime.Count == 0;

    /// <summary>What a step refers to.</summary>
    public static ScopeNeeds Of(Definition definition, Step step) =>
        Known.TryGetValue(step, out var known) ? known : Known.GetValue(step, _ => new ScopeNeeds(TemplatesOf(definition, step)));

    /// <summary>What a template refers to.</summary>
    public static ScopeNeeds Of(Template template) => Known.GetValue(template, static key => new ScopeNeeds([(Template)key]));

    // A compensation takes the lock of the step that it undoes, so it needs what names that one as well.
    private static IEnumerable<Template> TemplatesOf(Definition definition, Step step) => step is ApprovalStep { Show: null }
        ? definition.TemplatesOf(step.Id).Append(ApprovalStep.WholeInput)
        : step.Mutex is null && definition.MutexOf(step) is { } mutex ? definition.TemplatesOf(step.Id).Append(mutex.Name)
        : definition.TemplatesOf(step.Id);

    private void Add(string[] path)
    {
        switch (path)
        {
            case ["input", ..]: Input = true; break;
            case ["item", ..] or ["index", ..]: Item = true; break;
            case ["steps", var step, ..]: Steps.Add(step); break;
            case ["errors", var failed, ..]: Errors.Add(failed); break;
            case ["context", "profile", ..]: Profile = true; break;
            case ["context", "runtime", var name, ..]: Runtime.Add(name); break;
            case ["context", "runtime"] or ["context"]: (AllRuntime, Profile) = (true, true); break;
        }
    }
}
