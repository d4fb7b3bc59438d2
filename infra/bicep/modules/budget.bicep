metadata description = 'What the resource group may cost: it tells at 80 % and at 100 %, and when a month is going to cost more.'

@description('Its name.')
param name string

@description('A month, in the currency of the subscription.')
param amount int

@description('The first day, the first of a month.')
param startDate string

@description('Who is told.')
param emails string[]

@description('And who else.')
param actionGroupId string

var told = { contactEmails: emails, contactGroups: [actionGroupId], enabled: true, operator: 'GreaterThanOrEqualTo' }

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: startDate }
    notifications: {
      actual80: { ...told, threshold: 80, thresholdType: 'Actual' }
      actual100: { ...told, threshold: 100, thresholdType: 'Actual' }
      forecast100: { ...told, threshold: 100, thresholdType: 'Forecasted' }
    }
  }
}
