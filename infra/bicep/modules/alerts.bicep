metadata description = 'Who is told, and of what: a log that was refused, a sealer that is silent, an app that fails.'

@description('What names end with.')
param stem string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Where the traces are.')
param workspaceId string

@description('The app.')
param appName string

@description('The sealer.')
param sealerName string

@description('Who is told.')
param emails string[]

var rules = [
  {
    name: 'log-refused'
    text: 'A log does not fit what was signed: it was changed, or its end is gone. Nothing is signed for it until this is cleared up.'
    severity: 0
    query: 'AppTraces | where AppRoleName =~ "${sealerName}" and SeverityLevel == 4'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
  }
  {
    name: 'sealer-silent'
    text: 'The sealer has not ended a round for half an hour: what happens meanwhile is not covered by a checkpoint.'
    severity: 1
    query: 'AppRequests | where AppRoleName =~ "${sealerName}" and Name == "SealLogs" and Success'
    operator: 'LessThan'
    threshold: 1
    window: 'PT30M'
  }
  {
    name: 'app-fails'
    text: 'Calls of the app fail.'
    severity: 2
    query: 'AppRequests | where AppRoleName =~ "${appName}" and not(Success) and (isempty(ResultCode) or toint(ResultCode) >= 500 or toint(ResultCode) == 0)'
    operator: 'GreaterThan'
    threshold: 20
    window: 'PT15M'
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${stem}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'countersign'
    emailReceivers: [
      for (email, i) in emails: {
        name: 'mail-${i}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rule.name}-${stem}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.text
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [group.id] }
    }
  }
]

@description('Who is told.')
output actionGroupId string = group.id
