using Xunit.Abstractions;
using Xunit.Sdk;

namespace Countersign.Tests.Tools;

/// <summary>Marks a class whose tests need a tool that may not be installed.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class NeedsToolAttribute : Attribute
{
    /// <summary>What is missing and how to get it; null where it is there.</summary>
    public abstract string? Missing { get; }
}

/// <summary>Runs one part of an inherited suite. Classes run at the same time, the tests of one class do not: several parts take less time.</summary>
/// <param name="part">Which part, from 0.</param>
/// <param name="parts">How many there are.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PartOfSuiteAttribute(int part, int parts) : Attribute
{
    /// <summary>Whether a test belongs to the part: decided by its name, the same on every machine.</summary>
    public bool Has(string test) => test.Aggregate(17u, (hash, letter) => (hash * 31) + letter) % (uint)parts == part;
}

/// <summary>Leaves the tests that a class inherits to other classes; it inherits what its own tests need.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OwnTestsOnlyAttribute : Attribute;

/// <summary>
/// Leaves out, visibly and by name, every test of a class whose tools are not installed: tests that are inherited cannot be marked
/// one by one.
/// </summary>
public sealed class ToolTestFramework(IMessageSink sink) : XunitTestFramework(sink)
{
    /// <inheritdoc/>
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo) =>
        new Discoverer(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Discoverer(IAssemblyInfo assembly, ISourceInformationProvider source, IMessageSink sink)
        : XunitTestFrameworkDiscoverer(assembly, source, sink)
    {
        protected override bool FindTestsForType(
            ITestClass testClass, bool includeSourceInformation, IMessageBus messageBus, ITestFrameworkDiscoveryOptions discoveryOptions)
        {
            var type = testClass.Class.ToRuntimeType();
            using var partial = new PartialBus(messageBus, type);
            messageBus = partial;
            if (MissingOf(type) is null)
            {
                return base.FindTestsForType(testClass, includeSourceInformation, messageBus, discoveryOptions);
            }

            using var bus = new SkippingBus(messageBus, DiagnosticMessageSink);
            return base.FindTestsForType(testClass, includeSourceInformation, bus, discoveryOptions);
        }
    }

    internal static string? MissingOf(Type test) => test.GetCustomAttributes(inherit: true)
        .OfType<NeedsToolAttribute>()
        .Select(tool => tool.Missing)
        .FirstOrDefault(missing => missing is not null);

    private sealed class PartialBus(IMessageBus inner, Type type) : IMessageBus
    {
        private readonly PartOfSuiteAttribute? part = type.GetCustomAttributes(inherit: false).OfType<PartOfSuiteAttribute>().FirstOrDefault();
        private readonly bool ownOnly = type.IsDefined(typeof(OwnTestsOnlyAttribute), inherit: false);

        public bool QueueMessage(IMessageSinkMessage message) =>
            (message is ITestCaseDiscoveryMessage { TestCase.TestMethod.Method: var method } && IsOfAnother(method)) || inner.QueueMessage(message);

        private bool IsOfAnother(IMethodInfo method) =>
            part?.Has(method.Name) is false || (ownOnly && method.ToRuntimeMethod().DeclaringType != type);

        public void Dispose()
        {
        }
    }

    private sealed class SkippingBus(IMessageBus inner, IMessageSink sink) : IMessageBus
    {
        public bool QueueMessage(IMessageSinkMessage message) => inner.QueueMessage(
            message is ITestCaseDiscoveryMessage { TestCase: XunitTestCase found }
                ? new TestCaseDiscoveryMessage(new SkippedTestCase(sink, found.TestMethod, found.TestMethodArguments))
                : message);

        public void Dispose()
        {
        }
    }
}

/// <summary>A test that is left out, under its own name.</summary>
public sealed class SkippedTestCase : XunitTestCase
{
    /// <summary>For the runner, which reads it back.</summary>
    [Obsolete("Called by the runner only.")]
    public SkippedTestCase()
    {
    }

    /// <summary>Takes the place of a test.</summary>
    public SkippedTestCase(IMessageSink sink, ITestMethod method, object[]? arguments)
        : base(sink, TestMethodDisplay.ClassAndMethod, TestMethodDisplayOptions.None, method, arguments)
    {
    }

    /// <inheritdoc/>
    protected override string GetSkipReason(IAttributeInfo factAttribute) =>
        ToolTestFramework.MissingOf(TestMethod.TestClass.Class.ToRuntimeType())!;
}
