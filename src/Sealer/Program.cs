using Countersign.Sealing;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddSingleton(SealerSettings.From(builder.Configuration));
builder.Services.AddSingleton<OpenSealer>();
builder.Build().Run();
