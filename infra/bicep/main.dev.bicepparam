using 'main.bicep'

param environmentName = 'dev'
param model = { name: 'gpt-4.1-mini', version: '2025-04-14', capacity: 10 }
param alertEmails = [readEnvironmentVariable('COUNTERSIGN_ALERT_EMAIL')]
param monthlyBudget = 50
param budgetStart = readEnvironmentVariable('COUNTERSIGN_BUDGET_START')
param checkpointDays = 1
param traceDays = 30
param maximumInstances = 40
param storageSku = 'Standard_LRS'
param signInHardware = false
param logName = readEnvironmentVariable('COUNTERSIGN_LOG_NAME')
