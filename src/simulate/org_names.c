/* simulate/org_names.c — given and family names; written down by hand from what is common in several countries. */
#include "simulate/simulate_int.h"

const char *const ut_sim_first_names[] = {
    "Amara", "Priya", "Noah", "Olivia", "Marcus", "Yuki", "Elena", "Tomas", "Fatima", "Declan", "Grace", "Ravi",
    "Ingrid", "Samir", "Chloe", "Mateusz", "Aisha", "Henry", "Lin", "Rosa", "Kwame", "Hannah", "Diego", "Nadia",
    "Oscar", "Mei", "Patrick", "Zoe", "Ibrahim", "Clara", "Anders", "Leila", "Victor", "Sana", "Theo", "Beatrix",
    "Jamal", "Iris", "Kenji", "Maeve", "Arjun", "Freya", "Luca", "Tamara", "Owen", "Divya", "Stefan", "Naomi",
    "Felipe", "Esther", "Callum", "Rania", "Hugo", "Simone", "Vikram", "Alice", "Emeka", "Joanna", "Pavel", "Thandi",
    "George", "Mina", "Rafael", "Signe", "Dev", "Harriet", "Andrei", "Lucia", "Wes", "Anika", "Bruno", "Kirsty",
    "Tariq", "Valerie", "Nils", "Paloma", "Isaac", "Jun", "Megan", "Karim", "Sofia", "Liam", "Tessa", "Omar", NULL};

const char *const ut_sim_last_names[] = {
    "Okafor", "Sharma", "Bennett", "Kowalski", "Nguyen", "Lindqvist", "Haddad", "O'Brien", "Tanaka", "Moreau",
    "Achebe", "Petrov", "Castillo", "Whitfield", "Rahman", "Novak", "Fernandes", "Kim", "Adeyemi", "Larsen",
    "Hughes", "Iyer", "Romano", "Dubois", "Mensah", "Carver", "Yamamoto", "Silva", "Murphy", "Kaur", "Bauer",
    "Osei", "Delgado", "Thornton", "Zhao", "Virtanen", "Abbasi", "Foster", "Marchetti", "Popescu", "Quinn", "Reyes",
    "Sato", "Turner", "Ulrich", "Vasquez", "Walsh", "Xu", "Yilmaz", "Zimmer", "Blackwood", "Chandra", "Drummond",
    "Eriksen", "Farrell", "Gallo", "Hossain", "Ivanova", "Jansen", "Khalil", "Lambert", "Morris", "Nowak", "Ortega",
    "Pillai", "Rossi", "Stewart", "Tran", "Underhill", "Varga", "Wong", "Mbeki", "Sutherland", "Holm", NULL};

const char *const ut_sim_first_names_de[] = {"Jonas", "Katrin", "Lukas", "Annika", "Florian", "Miriam", "Sebastian",
                                             "Heike", "Matthias", "Lea", "Tobias", "Franziska", NULL};
const char *const ut_sim_last_names_de[] = {"Schneider", "Hoffmann", "Brandt", "Köhler", "Vogel", "Krüger", "Lorenz",
                                            "Weiß", "Engel", "Busch", NULL};
const char *const ut_sim_first_names_es[] = {"Álvaro", "Marta", "Pablo", "Nuria", "Sergio", "Inés", "Javier", "Carmen",
                                             "Íñigo", "Lorena", "Andrés", "Pilar", NULL};
const char *const ut_sim_last_names_es[] = {"García", "Muñoz", "Serrano", "Ibáñez", "Navarro", "Peña", "Molina",
                                            "Gil", "Cano", "Vidal", NULL};
