using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests.Hub;

[NeedsAzurite]
[PartOfSuite(0, 3)]
public sealed class HubConformanceFirstTests(HubProcess hub) : OnTheHub(hub), IClassFixture<HubProcess>;

[NeedsAzurite]
[PartOfSuite(1, 3)]
public sealed class HubConformanceSecondTests(HubProcess hub) : OnTheHub(hub), IClassFixture<HubProcess>;

[NeedsAzurite]
[PartOfSuite(2, 3)]
public sealed class HubConformanceThirdTests(HubProcess hub) : OnTheHub(hub), IClassFixture<HubProcess>;
