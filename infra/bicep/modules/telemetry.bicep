metadata description = 'Traces: a workspace, Application Insights that takes nothing from whoever has no role, and a rule that cuts the query off every address, where a token or a key might be.'

@description('What names end with.')
param stem string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('How many days traces are kept.')
param retentionDays int

module workspace 'workspace.bicep' = {
  name: 'workspace'
  params: { name: 'log-${stem}', location: location, tags: tags, retentionDays: retentionDays }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'dcr-${stem}'
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    destinations: {
      logAnalytics: [{ name: 'workspace', workspaceResourceId: workspace.outputs.id }]
    }
    dataFlows: [
      {
        streams: ['Microsoft-Table-AppRequests']
        destinations: ['workspace']
        transformKql: 'source | extend Url = tostring(split(Url, "?")[0])'
      }
      {
        streams: ['Microsoft-Table-AppDependencies']
        destinations: ['workspace']
        transformKql: 'source | extend Data = tostring(split(Data, "?")[0])'
      }
    ]
  }
}

module ruledWorkspace 'workspace.bicep' = {
  name: 'workspace-with-rule'
  params: { name: 'log-${stem}', location: location, tags: tags, retentionDays: retentionDays, ruleId: rule.id }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${stem}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: ruledWorkspace.outputs.id
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

@description('The workspace.')
output workspaceId string = ruledWorkspace.outputs.id

@description('The name of Application Insights.')
output insightsName string = insights.name
