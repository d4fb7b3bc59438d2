metadata description = 'An identity that an app acts under.'

@description('Its name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Its name.')
output name string = identity.name

@description('Whom roles are given to.')
output principalId string = identity.properties.principalId
