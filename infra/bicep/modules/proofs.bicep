metadata description = 'Where checkpoints go: a container in which nothing can be replaced or removed. The sealer writes; auditors are given a role to read; nobody else comes.'

import { replicationType } from 'types.bicep'

@description('The account, 3 to 24 small letters and digits.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('How it is replicated.')
param sku replicationType

@description('How many days a checkpoint stays as it is. The policy can be lengthened, and taken away only until it is locked (docs/azure-deploy.md).')
param checkpointDays int

@description('The sealer.')
param sealerPrincipalId string

var containerName = 'checkpoints'

module storage 'storage.bicep' = {
  params: { name: name, location: location, tags: tags, sku: sku, containers: [containerName] }
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: name

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: containerName
    }
  }
}

resource policy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = {
  parent: account::blobs::container
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: checkpointDays
    allowProtectedAppendWrites: false
  }
  dependsOn: [storage]
}

module sealerGrant 'container-grant.bicep' = {
  params: { accountName: name, containerName: containerName, principalId: sealerPrincipalId, role: 'Storage Blob Data Contributor' }
  dependsOn: [storage]
}

@description('The account.')
output name string = storage.outputs.name

@description('The container.')
output container string = containerName
