metadata description = 'Countersign on Azure: the app, the sealer under an identity of its own, and what both need. Into one resource group.'

targetScope = 'resourceGroup'

import { modelType, replicationType } from 'modules/types.bicep'

@description('Which of the installations this is.')
@allowed(['dev', 'prod'])
param environmentName string

@description('What names of resources begin with: 3 to 8 small letters and digits, a letter first.')
@minLength(3)
@maxLength(8)
param baseName string = 'csign'

@description('Where everything is, the model excepted.')
param location string = resourceGroup().location

@description('Where the model is: not every region has every model.')
param modelLocation string = location

@description('The model, its version, and its rate in thousands of tokens a minute. Priced by use.')
param model modelType

@description('Who is told of alerts and of budgets: e-mail addresses.')
@minLength(1)
param alertEmails string[]

@description('What this installation may cost a month, in the currency of the subscription. It warns; it stops nothing.')
@minValue(1)
param monthlyBudget int

@description('The first day of the budget, the first of a month, such as 2026-12-01. It cannot be changed later.')
param budgetStart string

@description('How many days nobody can replace or remove a checkpoint. Counted for each from when it was written.')
@minValue(1)
@maxValue(146000)
param checkpointDays int

@description('How many days traces are kept.')
@minValue(30)
@maxValue(730)
param traceDays int

@description('The most instances of the app; the plan takes no less than 40.')
@minValue(40)
@maxValue(1000)
param maximumInstances int

@description('Instances of the HTTP interface that are always ready. 0: scales to nothing.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('How storage is replicated.')
param storageSku replicationType

@description('Whether the signing key is in a hardware module: a premium vault.')
param signInHardware bool

@description('What the origins of checkpoints begin with: a host and path of yours, without scheme. It never changes afterwards.')
param logName string

var suffix = take(uniqueString(resourceGroup().id, baseName, environmentName), 8)
var stem = '${baseName}-${environmentName}-${suffix}'
var compactStem = '${baseName}${environmentName}${suffix}'
var prefix = 'countersign'
var tags = { product: 'countersign', environment: environmentName }

module appIdentity 'modules/identity.bicep' = {
  params: { name: 'id-${stem}-app', location: location, tags: tags }
}

module sealerIdentity 'modules/identity.bicep' = {
  params: { name: 'id-${stem}-sealer', location: location, tags: tags }
}

module telemetry 'modules/telemetry.bicep' = {
  params: { stem: stem, location: location, tags: tags, retentionDays: traceDays }
}

// Accounts apart, so that no identity has a right that it does not need: the app's host, the sealer's host, the data, the proofs.
module appHost 'modules/storage.bicep' = {
  params: { name: '${compactStem}a', location: location, tags: tags, sku: 'Standard_LRS', containers: ['packages'] }
}

module sealerHost 'modules/storage.bicep' = {
  params: { name: '${compactStem}s', location: location, tags: tags, sku: 'Standard_LRS', containers: ['packages'] }
}

module data 'modules/storage.bicep' = {
  params: {
    name: '${compactStem}d'
    location: location
    tags: tags
    sku: storageSku
    containers: ['${prefix}-artifacts', '${prefix}-payloads']
    tables: ['${prefix}ledger', '${prefix}tenants']
  }
}

module proofs 'modules/proofs.bicep' = {
  params: {
    name: '${compactStem}p'
    location: location
    tags: tags
    sku: storageSku
    checkpointDays: checkpointDays
    sealerPrincipalId: sealerIdentity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: take('kv-${baseName}-${environmentName}-${suffix}', 24)
    location: location
    tags: tags
    signInHardware: signInHardware
    workspaceId: telemetry.outputs.workspaceId
    appPrincipalId: appIdentity.outputs.principalId
    sealerPrincipalId: sealerIdentity.outputs.principalId
  }
}

module openAi 'modules/model.bicep' = {
  params: {
    name: 'oai-${stem}'
    location: modelLocation
    tags: tags
    model: model
    workspaceId: telemetry.outputs.workspaceId
    appPrincipalId: appIdentity.outputs.principalId
  }
}

module dataGrants 'modules/data-grants.bicep' = {
  params: {
    accountName: data.outputs.name
    ledgerTable: '${prefix}ledger'
    tenantsTable: '${prefix}tenants'
    appPrincipalId: appIdentity.outputs.principalId
    sealerPrincipalId: sealerIdentity.outputs.principalId
  }
}

module app 'modules/app.bicep' = {
  params: {
    name: 'func-${stem}'
    location: location
    tags: tags
    identityName: appIdentity.outputs.name
    hostAccountName: appHost.outputs.name
    insightsName: telemetry.outputs.insightsName
    usesTaskHub: true
    maximumInstances: maximumInstances
    alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
    settings: {
      COUNTERSIGN_STORAGE_ACCOUNT: data.outputs.name
      COUNTERSIGN_PREFIX: prefix
      COUNTERSIGN_ARTIFACT_KEY: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/artifact-key)'
      COUNTERSIGN_SWEEP_SCHEDULE: '*/15 * * * * *'
      COUNTERSIGN_RECONCILE_SCHEDULE: '0 */5 * * * *'
      COUNTERSIGN_PURGE_SCHEDULE: '0 40 * * * *'
      COUNTERSIGN_PROVIDERS: string({
        default: 'azure'
        providers: [
          { name: 'azure', type: 'azure-openai', endpoint: openAi.outputs.endpoint, auth: 'entra', model: openAi.outputs.deploymentName }
          { name: 'mock', type: 'mock' }
        ]
      })
    }
  }
  dependsOn: [dataGrants]
}

module sealer 'modules/app.bicep' = {
  params: {
    name: 'func-${stem}-sealer'
    location: location
    tags: tags
    identityName: sealerIdentity.outputs.name
    hostAccountName: sealerHost.outputs.name
    insightsName: telemetry.outputs.insightsName
    usesTaskHub: false
    maximumInstances: 40
    alwaysReady: []
    settings: {
      COUNTERSIGN_STORAGE_ACCOUNT: data.outputs.name
      COUNTERSIGN_PREFIX: prefix
      COUNTERSIGN_CHECKPOINTS_ACCOUNT: proofs.outputs.name
      COUNTERSIGN_CHECKPOINTS_CONTAINER: proofs.outputs.container
      COUNTERSIGN_SEAL_KEY: vault.outputs.signingKeyUri
      COUNTERSIGN_LOG_NAME: logName
      COUNTERSIGN_SEAL_SCHEDULE: '0 * * * * *'
      COUNTERSIGN_RECHECK_SCHEDULE: '0 30 2 * * *'
    }
  }
  dependsOn: [dataGrants]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    stem: stem
    location: location
    tags: tags
    workspaceId: telemetry.outputs.workspaceId
    appName: app.outputs.name
    sealerName: sealer.outputs.name
    emails: alertEmails
  }
}

module budget 'modules/budget.bicep' = {
  params: {
    name: 'budget-${stem}'
    amount: monthlyBudget
    startDate: budgetStart
    emails: alertEmails
    actionGroupId: alerts.outputs.actionGroupId
  }
}

@description('The name of the app, for deploying to it.')
output appName string = app.outputs.name

@description('Where the HTTP interface is.')
output appUrl string = app.outputs.url

@description('The name of the sealer, for deploying to it.')
output sealerName string = sealer.outputs.name

@description('The vault, for the artifact key.')
output vaultName string = vault.outputs.name

@description('The account of checkpoints, for locking its policy and for fetching them.')
output proofsAccountName string = proofs.outputs.name

@description('The container of checkpoints.')
output proofsContainerName string = proofs.outputs.container
