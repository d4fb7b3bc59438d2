using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Countersign.Azure.Tests.AzuriteTestFramework", "Countersign.Azure.Tests")]

namespace Countersign.Azure.Tests;

/// <summary>
/// Leaves out, visibly and by name, every test of a class that needs the storage emulator where there is none: tests that are
/// inherited cannot be marked one by one.
/// </summary>
public sealed class AzuriteTestFramework(IMessageSink sink) : XunitTestFramework(sink)
{
    /// <summary>Why tests are left out.</summary>
    public const string Reason = "Azurite is not installed: set COUNTERSIGN_AZURITE to its dist/src/azurite.js, or run npm install azurite in tools.";

    /// <inheritdoc/>
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo) =>
        new Discoverer(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Discoverer(IAssemblyInfo assembly, ISourceInformationProvider source, IMessageSink sink)
        : XunitTestFrameworkDiscoverer(assembly, source, sink)
    {
        protected override bool FindTestsForType(
            ITestClass testClass, bool includeSourceInformation, IMessageBus messageBus, ITestFrameworkDiscoveryOptions discoveryOptions)
        {
            if (Azurite.Command is not null || !typeof(INeedAzurite).IsAssignableFrom(testClass.Class.ToRuntimeType()))
            {
                return base.FindTestsForType(testClass, includeSourceInformation, messageBus, discoveryOptions);
            }

            using var bus = new SkippingBus(messageBus, DiagnosticMessageSink);
            return base.FindTestsForType(testClass, includeSourceInformation, bus, discoveryOptions);
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
    protected override string GetSkipReason(IAttributeInfo factAttribute) => AzuriteTestFramework.Reason;
}

/// <summary>Marks a test class that needs the storage emulator.</summary>
public interface INeedAzurite;
