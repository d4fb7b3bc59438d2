using DurableTask.AzureStorage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Functions.Worker;

/// <summary>A task hub in a storage account, as the worker and the tests open it.</summary>
public static class TaskHub
{
    /// <summary>
    /// Opens a hub. One worker id and leases in a table: the worker that takes the place of a killed one owns the hub's only partition at once, where
    /// the host's own settings wait a minute.
    /// </summary>
    public static AzureStorageOrchestrationService Open(string connectionString, string name) => new(new AzureStorageOrchestrationServiceSettings
    {
        StorageAccountClientProvider = new StorageAccountClientProvider(connectionString),
        TaskHubName = name,
        PartitionCount = 1,
        WorkerId = "worker",
        UseTablePartitionManagement = true,
        MaxConcurrentTaskActivityWorkItems = 32,
        MaxConcurrentTaskOrchestrationWorkItems = 32,
        MaxQueuePollingInterval = TimeSpan.FromMilliseconds(100),
        ControlQueueVisibilityTimeout = TimeSpan.FromSeconds(5),
        WorkItemQueueVisibilityTimeout = TimeSpan.FromSeconds(5),
        LeaseAcquireInterval = TimeSpan.FromSeconds(1),
        LeaseRenewInterval = TimeSpan.FromSeconds(5),
        LeaseInterval = TimeSpan.FromSeconds(15),
        LoggerFactory = NullLoggerFactory.Instance,
    });
}
