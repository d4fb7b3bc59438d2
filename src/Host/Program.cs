using Countersign.Host;

return await CommandLine.RunAsync(args);
