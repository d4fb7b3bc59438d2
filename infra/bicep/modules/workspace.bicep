metadata description = 'The workspace of traces. Deployed a second time with the rule that rewrites what comes in, because each of the two names the other.'

@description('Its name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('How many days traces are kept.')
param retentionDays int

@description('The rule that rewrites what comes in; none in the first round.')
param ruleId string?

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    defaultDataCollectionRuleResourceId: ruleId
  }
}

@description('Its id.')
output id string = workspace.id
